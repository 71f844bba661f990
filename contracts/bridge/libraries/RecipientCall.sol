// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Message, MessageId} from "../types/Message.sol";

/// @title The call that hands a message to its recipient
library RecipientCall {
    /// @notice The ERC-7930 address of nobody on `chainId`, a form to be filled in by {encode}:
    /// InteroperableAddress.formatEvmV1(chainId, address(0)) at a third of the gas.
    function senderOn(uint256 chainId) internal pure returns (bytes memory sender) {
        uint256 size = Math.log256(chainId) + 1; // 1 to 32
        // Version 1, chain type 0 (EIP-155), the chain id without leading zeros, the length of an address, and its zeros.
        // Memory-safe: 26 + size bytes are allocated at the free pointer; what is written behind them is zeros, past the new
        // pointer at most, where nothing is yet.
        assembly ("memory-safe") {
            sender := mload(0x40)
            mstore(sender, add(26, size))
            mstore(add(sender, 0x20), or(shl(224, 0x00010000), shl(216, size)))
            let chain := add(sender, 0x25)
            mstore(chain, shl(shl(3, sub(32, size)), chainId))
            mstore(add(chain, size), shl(248, 20))
            mstore(0x40, and(add(add(sender, 0x59), size), not(31)))
        }
    }

    /// @notice abi.encodeCall(receiveMessage, (id, the message's sender, its payload)), at half the gas.
    /// @param sender What {senderOn} gave; the message's sender is written into it.
    function encode(
        MessageId id,
        bytes memory sender,
        Message calldata message
    ) internal pure returns (bytes memory data) {
        address account = message.sender;
        bytes calldata payload = message.payload;
        bytes4 selector = IERC7786Recipient.receiveMessage.selector;
        // Memory-safe: `sender` ends with the 20 bytes that are written, and `data` is allocated at the free pointer, which is
        // moved past its padded end. Behind each byte string a word of zeros pads it; what follows overwrites the
        // rest of that word.
        assembly ("memory-safe") {
            let size := mload(sender)
            let place := add(sender, size)
            mstore(place, or(shl(160, shr(160, mload(place))), account))
            let padded := and(add(size, 31), not(31))
            data := mload(0x40)
            mstore(add(data, 0x20), selector)
            let body := add(data, 0x24)
            mstore(body, id)
            mstore(add(body, 0x20), 0x60)
            mstore(add(body, 0x40), add(0x80, padded))
            let to := add(body, 0x60)
            mcopy(to, sender, add(size, 0x20))
            mstore(add(to, add(size, 0x20)), 0)
            to := add(to, add(padded, 0x20))
            mstore(to, payload.length)
            to := add(to, 0x20)
            padded := and(add(payload.length, 31), not(31))
            mstore(add(to, payload.length), 0)
            calldatacopy(to, payload.offset, payload.length)
            to := add(to, padded)
            mstore(data, sub(to, add(data, 0x20)))
            mstore(0x40, and(add(to, 31), not(31)))
        }
    }
}
