// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Edwards25519} from "./Edwards25519.sol";
import {SHA512} from "./SHA512.sol";

/// @title Ed25519 signatures (RFC 8032)
/// @notice One strict rule says which signatures are valid, the same here, in the fast path for registered keys and in
/// the relayer (`relayer/domain/ed25519.ts`). (R, S) is a valid signature of M by A if and only if
/// - A and R are canonical encodings of points on the curve,
/// - A is not of small order,
/// - S < L, and
/// - 8·S·B = 8·R + 8·k·A with k = SHA-512(R ‖ A ‖ M): the cofactored equation.
/// This is what `verify` of noble-ed25519 (npm) accepts with `{ zip215: false }`. It is deterministic: single and batch
/// verification agree on every input.
library Ed25519 {
    using Edwards25519 for Edwards25519.Point;

    /// @notice Whether `signature` is a valid signature of `message` by `publicKey`. Never reverts for malformed input.
    /// @param message The signed bytes, of any length.
    /// @param signature R ‖ S, 64 bytes.
    /// @param publicKey A, in RFC 8032's encoding.
    function verify(bytes memory message, bytes memory signature, bytes32 publicKey) internal view returns (bool) {
        if (signature.length != 64) return false;
        bytes32 encodedR;
        bytes32 encodedS;
        assembly ("memory-safe") {
            encodedR := mload(add(signature, 32))
            encodedS := mload(add(signature, 64))
        }
        uint256 s = Edwards25519.reverse(uint256(encodedS));
        if (s >= Edwards25519.L) return false;
        Edwards25519.Point memory minusA;
        Edwards25519.Point memory minusR;
        {
            (bool ok, uint256 x, uint256 y) = Edwards25519.decode(publicKey);
            if (!ok || Edwards25519.fromAffine(x, y).isSmallOrder()) return false;
            minusA = _negated(x, y);
            (ok, x, y) = Edwards25519.decode(encodedR);
            if (!ok) return false;
            minusR = _negated(x, y);
        }
        uint256 k = _challenge(encodedR, publicKey, message);
        Edwards25519.Point memory sum = _combine(s, k, minusA);
        sum.add(minusR.prepare());
        return sum.isSmallOrder();
    }

    /// @notice Whether `publicKey` is the canonical encoding of a point of the curve that is not of small order.
    function isValidPublicKey(bytes32 publicKey) internal view returns (bool) {
        (bool ok, uint256 x, uint256 y) = Edwards25519.decode(publicKey);
        return ok && !Edwards25519.fromAffine(x, y).isSmallOrder();
    }

    /// @dev k = SHA-512(R ‖ A ‖ M) read as a little-endian number, modulo L.
    function _challenge(bytes32 r, bytes32 publicKey, bytes memory message) private pure returns (uint256) {
        (bytes32 hi, bytes32 lo) = SHA512.hash(bytes.concat(r, publicKey, message));
        // 2^256 mod L
        uint256 shift = addmod(type(uint256).max, 1, Edwards25519.L);
        uint256 upper = mulmod(Edwards25519.reverse(uint256(lo)), shift, Edwards25519.L);
        return addmod(Edwards25519.reverse(uint256(hi)), upper, Edwards25519.L);
    }

    /// @dev The point (-x, y), for x and y below p.
    function _negated(uint256 x, uint256 y) private pure returns (Edwards25519.Point memory) {
        // `x` may be 0, so the difference is reduced.
        return Edwards25519.fromAffine((Edwards25519.P - x) % Edwards25519.P, y);
    }

    /// @dev s·B + k·Q for s and k below 2^254: both scalars together, two bits of each at a time (Straus's method). The
    /// entry 4·i + j of the table is i·B + j·Q.
    function _combine(
        uint256 s,
        uint256 k,
        Edwards25519.Point memory q
    ) private pure returns (Edwards25519.Point memory sum) {
        Edwards25519.Addend[16] memory table = _table(q);
        sum = Edwards25519.fromAffine(0, 1);
        uint256 shift = 254;
        while (shift != 0) {
            unchecked {
                shift -= 2;
            }
            sum.double();
            sum.double();
            uint256 index = (((s >> shift) & 3) << 2) | ((k >> shift) & 3);
            if (index != 0) sum.add(table[index]);
        }
    }

    /// @dev The table of `_combine`; its entry 0 is not used and stays empty.
    function _table(Edwards25519.Point memory q) private pure returns (Edwards25519.Addend[16] memory table) {
        Edwards25519.Point memory row = Edwards25519.fromAffine(0, 1);
        Edwards25519.Addend memory base = Edwards25519.fromAffine(Edwards25519.BASE_X, Edwards25519.BASE_Y).prepare();
        Edwards25519.Addend memory step = q.prepare();
        for (uint256 i = 0; i < 16; i += 4) {
            if (i != 0) {
                row.add(base);
                table[i] = row.prepare();
            }
            Edwards25519.Point memory entry = row.copy();
            for (uint256 j = 1; j < 4; ++j) {
                entry.add(step);
                table[i + j] = entry.prepare();
            }
        }
    }
}
