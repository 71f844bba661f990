// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What one token bridge tells another
/// @notice The payload is `abi.encode(bytes from, bytes to, uint256 amount)`, as OpenZeppelin's BridgeFungible has it: `from` an
/// ERC-7930 address of the origin chain, `to` the 20 bytes of an account, `amount` in shared units.
library TransferLib {
    /// @dev In an exact encoding: the amount stands behind two offsets, and the bytes of `from` behind the three words and a length.
    uint256 private constant AMOUNT_AT = 0x40;
    uint256 private constant FROM_AT = 0x80;
    uint256 private constant ADDRESS_BYTES = 20;

    /// @notice The payload is not, byte for byte, a transfer of a non-zero amount between non-zero accounts from the chain of its sender.
    error MalformedTransfer(bytes payload);

    /// @notice The payload of a transfer.
    function encode(bytes memory from, address to, uint256 amount) internal pure returns (bytes memory) {
        return abi.encode(from, abi.encodePacked(to), amount);
    }

    /// @notice Reads a payload and refuses all but the one encoding that {encode} gives.
    /// @param sender The canonical ERC-7930 address of the bridge that sent it, on a chain whose id has at most 64 bits: the chain of
    /// `from` must be the same.
    function decode(
        bytes calldata sender,
        bytes calldata payload
    ) internal pure returns (address from, address to, uint256 amount) {
        // Lengths of calldata are far below 2^64, and `sender` is an account's address, of 27 to 34 bytes.
        unchecked {
            uint256 padded = (sender.length + 31) & ~uint256(31);
            uint256 toAt = FROM_AT + padded + 0x20;
            require(payload.length == toAt + 0x20, MalformedTransfer(payload));
            // Each part is where the exact encoding has it: so much is there, the length says.
            from = address(uint160(_wordAt(payload, FROM_AT + sender.length - 0x20)));
            uint256 toWord = _wordAt(payload, toAt);
            to = address(uint160(toWord >> 96));
            amount = _wordAt(payload, AMOUNT_AT);

            bool isExact =
                _wordAt(payload, 0x00) == 0x60 &&
                    _wordAt(payload, 0x20) == FROM_AT + padded &&
                    _wordAt(payload, 0x60) == sender.length &&
                    _wordAt(payload, FROM_AT + padded) == ADDRESS_BYTES &&
                    // What pads the byte strings: of the last word of `from` all that is not its own, of the word of `to` 12 bytes.
                    _wordAt(payload, FROM_AT + padded - 0x20) << (8 * (sender.length + 0x20 - padded)) == 0 &&
                    uint96(toWord) == 0;
            // All but the account: at most 14 bytes, for the chain ids of links have 64 bits.
            uint256 otherBits = 256 - 8 * (sender.length - ADDRESS_BYTES);
            bool isFromThere = (_wordAt(payload, FROM_AT) ^ _wordAt(sender, 0)) >> otherBits == 0;
            bool isTransfer = from != address(0) && to != address(0) && amount > 0;
            require(isExact && isFromThere && isTransfer, MalformedTransfer(payload));
        }
    }

    /// @notice The ERC-7930 address of who sent it, in a payload that {decode} took.
    /// @param length That of the address: the sender's, for both are on one chain.
    function fromOf(bytes calldata payload, uint256 length) internal pure returns (bytes calldata) {
        return payload[FROM_AT:FROM_AT + length];
    }

    /// @notice The chain id in the canonical ERC-7930 address of an EVM account.
    function chainIdOf(bytes calldata account) internal pure returns (uint256) {
        // Version and type take 4 bytes, the chain id's length 1, the account and its length 21: the rest is the chain id, 1 to 32.
        unchecked {
            return _wordAt(account, 5) >> (256 - 8 * (account.length - 26));
        }
    }

    /// @dev The 32 bytes from `offset` on; the caller has made sure that they are there.
    function _wordAt(bytes calldata data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }
}
