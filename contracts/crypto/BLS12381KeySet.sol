// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BLS12381} from "./BLS12381.sol";

/// @title A set of BLS12-381 keys as the code of a contract
/// @notice The code is the byte 0xfe, an invalid instruction so that nobody can run it, the sum of all keys, and then the keys.
/// A key takes 192 bytes: its four coordinates without the sixteen zeros in front of each that EIP-2537 has.
library BLS12381KeySet {
    /// @notice The greatest number of members: 1 + (1 + 126) · 192 bytes; with one more they would exceed EIP-170's 24576.
    uint256 internal constant MAX_MEMBERS = 126;
    uint256 internal constant KEY_BYTES = 192;
    uint256 private constant HEADER_BYTES = 1 + KEY_BYTES;

    /// @notice The creation code of the set of `keys`, each a proven key of 256 bytes, 1 to `MAX_MEMBERS` of them.
    function creationCode(bytes[] calldata keys) internal view returns (bytes memory code) {
        uint256 size = HEADER_BYTES + keys.length * KEY_BYTES;
        // 61 size 80 600a 5f 39 5f f3: return `size` bytes of code from offset 10 on.
        code = abi.encodePacked(hex"61", uint16(size), hex"80600a5f395ff3fe", new bytes(size - 1));
        bytes memory sum = keys[0];
        // 32 for the length, 11 for the code up to 0xfe
        uint256 to;
        assembly ("memory-safe") {
            to := add(code, add(43, KEY_BYTES))
        }
        _pack(sum, to);
        for (uint256 i = 1; i < keys.length; ++i) {
            bytes memory key = keys[i];
            // Proven keys are on the curve, so that this fails only for want of gas.
            assert(BLS12381.addG2(sum, key));
            _pack(key, to + i * KEY_BYTES);
        }
        _pack(sum, to - KEY_BYTES);
    }

    /// @notice The number of members of the set at `set`; 0 if there is none.
    function sizeOf(address set) internal view returns (uint256) {
        uint256 size = set.code.length;
        return size == 0 ? 0 : (size - HEADER_BYTES) / KEY_BYTES;
    }

    /// @notice The sum of the keys of the members in `bitmap`. Where these are more than half it is the sum of all minus the
    /// others, so that at most half of the members are added up.
    /// @param size The set's size, 1 to `MAX_MEMBERS`.
    /// @param signers How many bits `bitmap` has, at least one and all of them below `size`.
    /// @return sum A point of 256 bytes.
    function sumOf(
        address set,
        uint256 size,
        uint256 bitmap,
        uint256 signers
    ) internal view returns (bytes memory sum) {
        // The second half is room for the key that is being added, as the precompile wants it.
        sum = new bytes(2 * BLS12381.G2_BYTES);
        bool isComplement = signers > size - signers;
        if (isComplement) bitmap ^= (1 << size) - 1;
        _addMembers(set, bitmap, sum);
        assembly ("memory-safe") {
            mstore(sum, 256)
        }
        if (isComplement) {
            BLS12381.negateG2(sum);
            bytes memory all = new bytes(BLS12381.G2_BYTES);
            _load(set, 0, all);
            // A set's sum is on the curve, so that this fails only for want of gas.
            assert(BLS12381.addG2(sum, all));
        }
    }

    /// @dev Adds the members in `bitmap` to the neutral element, which the first 256 of the 512 bytes of `sum` are.
    function _addMembers(address set, uint256 bitmap, bytes memory sum) private view {
        uint256 ok = 1;
        // The first is not added to zero but put into its place: to `sum`, then to 256 bytes behind it.
        uint256 place;
        assembly ("memory-safe") {
            place := sum
        }
        while (bitmap != 0) {
            uint256 member;
            bytes memory key;
            assembly ("memory-safe") {
                // The highest member left.
                member := sub(255, clz(bitmap))
                bitmap := xor(bitmap, shl(member, 1))
                key := place
            }
            _load(set, member + 1, key);
            assembly ("memory-safe") {
                let data := add(sum, 32)
                switch eq(place, sum)
                case 1 {
                    place := add(sum, 256)
                }
                // G2ADD for the 600 gas of EIP-2537
                default {
                    ok := and(ok, staticcall(600, 0x0d, data, 512, data, 256))
                }
            }
        }
        // Members are on the curve, so that an addition fails only for want of gas.
        assert(ok == 1);
    }

    /// @dev Writes 256 bytes of a key as 192 bytes to `to`: of each 64 bytes the last 48.
    function _pack(bytes memory key, uint256 to) private pure {
        assembly ("memory-safe") {
            for {
                let i := 0
            } lt(i, 4) {
                i := add(i, 1)
            } {
                mcopy(add(to, mul(i, 48)), add(add(key, 48), shl(6, i)), 48)
            }
        }
    }

    /// @dev Reads entry `index` (0 is the sum, member i is i + 1) into the 256 bytes behind `key` + 32, whose zeros it keeps.
    function _load(address set, uint256 index, bytes memory key) private view {
        assembly ("memory-safe") {
            let packed := mload(0x40)
            extcodecopy(set, packed, add(1, mul(index, KEY_BYTES)), KEY_BYTES)
            mcopy(add(key, 48), packed, 48)
            mcopy(add(key, 112), add(packed, 48), 48)
            mcopy(add(key, 176), add(packed, 96), 48)
            mcopy(add(key, 240), add(packed, 144), 48)
        }
    }
}
