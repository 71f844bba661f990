// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title BLS signatures on BLS12-381 through the precompiles of EIP-2537
/// @notice Keys in G2 (256 bytes), signatures in G1 (128 bytes), both in EIP-2537's encoding: each coordinate of 381 bits in 64
/// bytes, big-endian; in G2 the real part first. Messages are digests of 32 bytes. Ciphersuite of
/// draft-irtf-cfrg-bls-signature: BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_, and BLS_POP_… for proofs of possession.
/// @dev Nothing here reverts for malformed points: a precompile answers an error by failing, and each gets exactly the gas
/// that EIP-2537 charges, so that a failure costs no more than a success. Want of gas reverts and never makes an answer false.
///
/// Subgroups. The pairing checks that its points are on the curve and in the subgroup of prime order; G2ADD checks only that
/// they are on the curve. So sums may be formed of points that have passed a pairing before, as proven keys have, and a
/// sum of other points is checked by the pairing that it ends in.
library BLS12381 {
    /// @notice Bytes of a point of G1, and of G2.
    uint256 internal constant G1_BYTES = 128;
    uint256 internal constant G2_BYTES = 256;

    /// @notice The first 32 bytes of the domain separation tags for signatures and for proofs of possession.
    bytes32 internal constant SIGNATURE_TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_S";
    bytes32 internal constant POSSESSION_TAG = "BLS_POP_BLS12381G1_XMD:SHA-256_S";
    /// @dev The last 11 bytes of both.
    bytes32 private constant TAG_END = "SWU_RO_POP_";

    /// @dev keccak256 of 256 zero bytes, the neutral element of G2.
    bytes32 private constant NEUTRAL_HASH = 0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5;

    /// @dev The field's order in 48 bytes: the first 16, the last 32.
    uint256 private constant P_HI = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LO = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    /// @dev Gas of the precompiles (EIP-2537): a pairing of k pairs is k · 32600 + 37700.
    uint256 private constant PAIRING_GAS = 102900;
    uint256 private constant ONE_PAIRING_GAS = 70300;
    uint256 private constant G2_ADD_GAS = 600;

    /// @notice Whether `signature` is a signature of `digest` by `key`, or by the keys that add up to it.
    /// @param tag `SIGNATURE_TAG` or `POSSESSION_TAG`.
    /// @param key 256 bytes of a point of G2.
    /// @param signature 128 bytes of a point of G1.
    function verify(
        bytes32 tag,
        bytes32 digest,
        bytes memory key,
        bytes memory signature
    ) internal view returns (bool valid) {
        if (key.length != G2_BYTES || signature.length != G1_BYTES) return false;
        // The neutral element is 256 zero bytes. It is nobody's key: it would sign everything with its own kind.
        if (isNeutral(key)) return false;
        uint256 input;
        assembly ("memory-safe") {
            // Behind the free memory pointer: the pairing's input of two pairs.
            input := mload(0x40)
            mstore(0x40, add(input, 768))
        }
        // e(H(digest), key) · e(signature, -G2) = 1
        _hashToG1(tag, digest, input);
        assembly ("memory-safe") {
            mcopy(add(input, 128), add(key, 32), 256)
            mcopy(add(input, 384), add(signature, 32), 128)
            let g := add(input, 512)
            mstore(g, 0x00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051)
            mstore(add(g, 32), 0xc6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8)
            mstore(add(g, 64), 0x0000000000000000000000000000000013e02b6052719f607dacd3a088274f65)
            mstore(add(g, 96), 0x596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e)
            mstore(add(g, 128), 0x000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bc)
            mstore(add(g, 160), 0xb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa)
            mstore(add(g, 192), 0x0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d)
            mstore(add(g, 224), 0x993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed)
            // A call may use 63/64 of the gas left: with less than that for it, a valid signature would seem invalid.
            if lt(gas(), 105000) {
                revert(0, 0)
            }
            // A failed call leaves the 0 that is written here first.
            mstore(0, 0)
            valid := staticcall(PAIRING_GAS, 0x0f, input, 768, 0, 32)
            valid := and(valid, eq(mload(0), 1))
            // The input is of no use any more.
            mstore(0x40, input)
        }
    }

    /// @notice Whether 256 bytes are a point of G2's subgroup of prime order, and not the neutral element.
    /// @dev The pairing refuses anything else: e(0, key) = 1 is true of every point of the subgroup.
    function isKey(bytes memory key) internal view returns (bool valid) {
        if (key.length != G2_BYTES || isNeutral(key)) return false;
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, calldatasize(), 128) // zeros: the neutral element of G1
            mcopy(add(input, 128), add(key, 32), 256)
            if lt(gas(), 72000) {
                revert(0, 0)
            } // as in `verify`
            mstore(0, 0)
            valid := staticcall(ONE_PAIRING_GAS, 0x0f, input, 384, 0, 32)
            valid := and(valid, eq(mload(0), 1))
        }
    }

    /// @notice sum := sum + point, for points of G2 given as 256 bytes each.
    /// @return ok Whether both are on the curve. If not, `sum` is unchanged.
    function addG2(bytes memory sum, bytes memory point) internal view returns (bool ok) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, add(sum, 32), 256)
            mcopy(add(input, 256), add(point, 32), 256)
            ok := staticcall(G2_ADD_GAS, 0x0d, input, 512, add(sum, 32), 256)
        }
    }

    /// @notice point := -point, for 256 bytes of a point of G2 with coordinates below p.
    function negateG2(bytes memory point) internal pure {
        if (isNeutral(point)) return;
        assembly ("memory-safe") {
            // y = (c0, c1), each 64 bytes: c := p - c, or 0 if c is 0.
            for {
                let c := add(point, 160)
            } lt(c, add(point, 288)) {
                c := add(c, 64)
            } {
                let hi := mload(c)
                let lo := mload(add(c, 32))
                if or(hi, lo) {
                    // c < p, so the high word does not fall below zero even with the borrow.
                    mstore(c, sub(sub(P_HI, hi), lt(P_LO, lo)))
                    mstore(add(c, 32), sub(P_LO, lo))
                }
            }
        }
    }

    /// @notice Whether 256 bytes are the neutral element of G2: all of them zero.
    function isNeutral(bytes memory point) internal pure returns (bool) {
        return keccak256(point) == NEUTRAL_HASH;
    }

    /// @dev hash_to_curve of RFC 9380 with the suite BLS12381G1_XMD:SHA-256_SSWU_RO_; writes 128 bytes to `to`.
    function _hashToG1(bytes32 tag, bytes32 digest, uint256 to) private view {
        uint256 scratch;
        assembly ("memory-safe") {
            scratch := mload(0x40)
        }
        _expand(tag, digest, scratch);
        // Two elements of 64 uniform bytes become two of the field, two points and their sum.
        assembly ("memory-safe") {
            // The precompile of EIP-198 as a plain reduction: lengths 64, 1 and 48, the value, exponent 1, modulus p.
            let input := add(scratch, 128)
            let ok := 1
            for {
                let i := 0
            } lt(i, 2) {
                i := add(i, 1)
            } {
                mstore(input, 64)
                mstore(add(input, 32), 1)
                mstore(add(input, 64), 48)
                mcopy(add(input, 96), add(scratch, shl(6, i)), 64)
                mstore8(add(input, 160), 1)
                mstore(add(input, 161), shl(128, P_HI))
                mstore(add(input, 177), P_LO)
                // 48 bytes behind 16 zeros
                mstore(add(input, 224), 0)
                ok := and(ok, staticcall(gas(), 0x05, input, 209, add(input, 240), 48))
                // MAP_FP_TO_G1
                ok := and(ok, staticcall(5500, 0x10, add(input, 224), 64, add(to, shl(7, i)), 128))
            }
            // G1ADD. These calls fail only for want of gas, and then nothing may be concluded.
            ok := and(ok, staticcall(375, 0x0b, to, 256, to, 128))
            if iszero(ok) {
                revert(0, 0)
            }
        }
    }

    /// @dev expand_message_xmd of RFC 9380 with SHA-256: writes 128 uniform bytes to `to`.
    function _expand(bytes32 tag, bytes32 digest, uint256 to) private view {
        assembly ("memory-safe") {
            // b0 = H(64 zeros ‖ digest ‖ 0x0080 ‖ 0x00 ‖ tag ‖ 43)
            let input := add(to, 128)
            mstore(input, 0)
            mstore(add(input, 32), 0)
            mstore(add(input, 64), digest)
            mstore(add(input, 96), shl(240, 128))
            mstore(add(input, 99), tag)
            mstore(add(input, 131), TAG_END)
            mstore8(add(input, 142), 43)
            let ok := staticcall(gas(), 0x02, input, 143, input, 32)
            let b0 := mload(input)
            // b[i] = H((b0 ^ b[i-1]) ‖ i ‖ tag ‖ 43), b[0] = 0 here
            mstore(add(input, 33), tag)
            mstore(add(input, 65), TAG_END)
            mstore8(add(input, 76), 43)
            let b := 0
            for {
                let i := 1
            } lt(i, 5) {
                i := add(i, 1)
            } {
                mstore(input, xor(b0, b))
                mstore8(add(input, 32), i)
                ok := and(ok, staticcall(gas(), 0x02, input, 77, to, 32))
                b := mload(to)
                to := add(to, 32)
            }
            if iszero(ok) {
                revert(0, 0)
            }
        }
    }
}
