// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {TransferLib} from "../../../../contracts/bridge/libraries/TransferLib.sol";

/// @notice Properties of what one token bridge tells another, over random input.
contract TransferLibTest {
    function decode(
        bytes calldata sender,
        bytes calldata payload
    ) external pure returns (address from, address to, uint256 amount) {
        return TransferLib.decode(sender, payload);
    }

    function chainIdOf(bytes calldata account) external pure returns (uint256) {
        return TransferLib.chainIdOf(account);
    }

    function testFuzz_whatIsEncodedIsDecoded(
        uint64 chainId,
        address bridge,
        address from,
        address to,
        uint256 amount
    ) external view {
        (bytes memory sender, bytes memory payload) = _transfer(chainId, bridge, from, to, amount);
        try this.decode(sender, payload) returns (address from_, address to_, uint256 amount_) {
            assert(from_ == from && to_ == to && amount_ == amount);
            assert(this.chainIdOf(sender) == chainId);
        } catch {
            assert(from == address(0) || to == address(0) || amount == 0);
        }
    }

    function testFuzz_noOtherBytesAreATransfer(uint64 chainId, address bridge, bytes calldata payload) external view {
        _requireExact(InteroperableAddress.formatEvmV1(chainId, bridge), payload);
    }

    /// @dev Random bytes are refused for their length alone; these have the right one.
    function testFuzz_noBytesOfTheRightLengthAreATransfer(
        uint64 chainId,
        address bridge,
        bytes32[16] calldata words
    ) external view {
        bytes memory sender = InteroperableAddress.formatEvmV1(chainId, bridge);
        bytes memory payload = abi.encodePacked(words);
        uint256 length = sender.length > 32 ? 0x100 : 0xe0;
        assembly ("memory-safe") {
            mstore(payload, length) // below the length that it has
        }
        _requireExact(sender, payload);
    }

    function testFuzz_noBitMayDiffer(
        uint64 chainId,
        address bridge,
        address from,
        address to,
        uint256 amount,
        uint256 bit
    ) external view {
        (bytes memory sender, bytes memory payload) = _transfer(chainId, bridge, from, to, amount);
        bit %= payload.length * 8;
        payload[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        _requireExact(sender, payload);
    }

    function testFuzz_noByteMayBeMissingOrFollow(
        uint64 chainId,
        address bridge,
        address from,
        address to,
        uint256 amount,
        uint256 length,
        bytes calldata more
    ) external view {
        (bytes memory sender, bytes memory payload) = _transfer(chainId, bridge, from, to, amount);
        if (more.length > 0) _requireRefused(sender, abi.encodePacked(payload, more));
        length %= payload.length;
        assembly ("memory-safe") {
            mstore(payload, length) // below the length that it has
        }
        _requireRefused(sender, payload);
    }

    function testFuzz_theSendersChainMustBeTheBridges(
        uint64 chainId,
        uint64 other,
        address bridge,
        address from,
        address to,
        uint256 amount
    ) external view {
        if (chainId == other) return;
        (, bytes memory payload) = _transfer(chainId, bridge, from, to, amount);
        _requireRefused(InteroperableAddress.formatEvmV1(other, bridge), payload);
    }

    function _transfer(
        uint64 chainId,
        address bridge,
        address from,
        address to,
        uint256 amount
    ) private pure returns (bytes memory sender, bytes memory payload) {
        sender = InteroperableAddress.formatEvmV1(chainId, bridge);
        payload = TransferLib.encode(InteroperableAddress.formatEvmV1(chainId, from), to, amount);
    }

    /// @dev Either refused, or just what the compiler's own decoder and encoder make of it.
    function _requireExact(bytes memory sender, bytes memory payload) private view {
        try this.decode(sender, payload) returns (address from, address to, uint256 amount) {
            assert(from != address(0) && to != address(0) && amount != 0);
            (bytes memory from_, bytes memory to_, uint256 amount_) = abi.decode(payload, (bytes, bytes, uint256));
            assert(keccak256(payload) == keccak256(abi.encode(from_, to_, amount_)));
            (uint256 chainId, ) = InteroperableAddress.parseEvmV1(sender);
            assert(keccak256(from_) == keccak256(InteroperableAddress.formatEvmV1(chainId, from)));
            assert(to_.length == 20 && address(bytes20(to_)) == to && amount_ == amount);
        } catch {}
    }

    function _requireRefused(bytes memory sender, bytes memory payload) private view {
        try this.decode(sender, payload) {
            assert(false);
        } catch {}
    }
}
