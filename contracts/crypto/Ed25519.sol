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

    // Assembly takes literal constants only; a test holds them against Edwards25519's.
    uint256 private constant P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed;
    uint256 private constant TWICE_P = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffda;

    /// @dev Bits of the halves into which scalars are split.
    uint256 private constant HALF_BITS = 127;
    /// @dev The coordinates of 2^127·B.
    uint256 private constant UPPER_X = 0x1d4e70e7fa35c13ec61efe8d7b8ae9e621144c1eb2454c350920e4ac81360393;
    uint256 private constant UPPER_Y = 0x7b2807a91ce09ff20a518d85be729e118ae448b51763e880abd15795ddc22e61;

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
        (bool isPoint, uint256 ax, uint256 ay) = Edwards25519.decode(publicKey);
        if (!isPoint || Edwards25519.fromAffine(ax, ay).isSmallOrder()) return false;
        (bool isPointR, uint256 rx, uint256 ry) = Edwards25519.decode(encodedR);
        if (!isPointR) return false;
        // e·k = ±h modulo L with 0 < e, and e and h both below 2^127. Multiplying by e keeps the equation true or false,
        // since e is prime to L and the cofactor clears the rest: e·S·B - e·R - (±h)·A is tested in place of S·B - R - k·A.
        (uint256 e, uint256 h, bool isNegative) = halve(challenge(encodedR, publicKey, message));
        uint256 w = mulmod(e, s, Edwards25519.L);
        Edwards25519.Point memory a = isNegative ? Edwards25519.fromAffine(ax, ay) : _negated(ax, ay);
        return _combine(w, e, h, _negated(rx, ry), a).isSmallOrder();
    }

    /// @notice Whether `publicKey` is the canonical encoding of a point of the curve that is not of small order.
    function isValidPublicKey(bytes32 publicKey) internal view returns (bool) {
        (bool ok, uint256 x, uint256 y) = Edwards25519.decode(publicKey);
        return ok && !Edwards25519.fromAffine(x, y).isSmallOrder();
    }

    /// @notice k = SHA-512(R ‖ A ‖ M) read as a little-endian number, modulo L.
    function challenge(bytes32 r, bytes32 publicKey, bytes memory message) internal pure returns (uint256) {
        (bytes32 hi, bytes32 lo) = SHA512.hash(bytes.concat(r, publicKey, message));
        // 2^256 mod L
        uint256 shift = addmod(type(uint256).max, 1, Edwards25519.L);
        uint256 upper = mulmod(Edwards25519.reverse(uint256(lo)), shift, Edwards25519.L);
        return addmod(Edwards25519.reverse(uint256(hi)), upper, Edwards25519.L);
    }

    /// @notice Numbers of half the length whose quotient modulo L is k: the extended algorithm of Euclid for L and k, stopped
    /// halfway (Antipa, Brown, Gallant, Lambert, Struik and Vanstone, "Accelerated Verification of ECDSA Signatures", 2005).
    /// @param k Below L.
    /// @return e Between 1 and 2^126.
    /// @return h Below 2^127.
    /// @return isNegative Whether e·k is -h modulo L, instead of h.
    function halve(uint256 k) internal pure returns (uint256 e, uint256 h, bool isNegative) {
        uint256 larger = Edwards25519.L;
        uint256 before = 0;
        (h, e) = (k, 1);
        // Each remainder h is ±e·k modulo L, the sign changing at every step. The product of a remainder and the following e
        // is at most L < 2^253: as long as the remainder before is 2^127 or more, e is at most 2^126.
        while (h >> HALF_BITS != 0) {
            unchecked {
                uint256 quotient = larger / h;
                (larger, h) = (h, larger - quotient * h);
                (before, e) = (e, before + quotient * e);
                isNegative = !isNegative;
            }
        }
    }

    /// @dev The point (-x, y), for x and y below p.
    function _negated(uint256 x, uint256 y) private pure returns (Edwards25519.Point memory) {
        // `x` may be 0, so the difference is reduced.
        return Edwards25519.fromAffine((Edwards25519.P - x) % Edwards25519.P, y);
    }

    /// @dev w·B + e·Q + h·A for w below 2^254, e and h below 2^127, all by the bits of four numbers below 2^127 at once
    /// (Straus's method): w is split into halves for B and 2^127·B.
    function _combine(
        uint256 w,
        uint256 e,
        uint256 h,
        Edwards25519.Point memory q,
        Edwards25519.Point memory a
    ) private pure returns (Edwards25519.Point memory sum) {
        sum = Edwards25519.fromAffine(0, 1);
        uint256 table = _table(q, a);
        uint256 lower = w & ((1 << HALF_BITS) - 1);
        uint256 upper = w >> HALF_BITS;
        // Bits 127 to 64, then bits 63 to 0.
        for (uint256 shift = 64; ; shift = 0) {
            uint256 digits = _spread(lower >> shift) | (_spread(upper >> shift) << 1);
            digits |= (_spread(e >> shift) << 2) | (_spread(h >> shift) << 3);
            _straus(sum, digits, table);
            if (shift == 0) break;
        }
    }

    /// @dev The low 64 bits of `bits`, each as the lowest of four.
    function _spread(uint256 bits) private pure returns (uint256 v) {
        // max / (2^n - 1) has a one in every n-th place. Each step halves the groups and moves the upper halves up.
        v = bits & type(uint64).max;
        v = (v | (v << 96)) & ((type(uint256).max / (2 ** 128 - 1)) * 0xffffffff);
        v = (v | (v << 48)) & ((type(uint256).max / (2 ** 64 - 1)) * 0xffff);
        v = (v | (v << 24)) & ((type(uint256).max / (2 ** 32 - 1)) * 0xff);
        v = (v | (v << 12)) & ((type(uint256).max / (2 ** 16 - 1)) * 0xf);
        v = (v | (v << 6)) & ((type(uint256).max / (2 ** 8 - 1)) * 3);
        v = (v | (v << 3)) & (type(uint256).max / (2 ** 4 - 1));
    }

    /// @dev For each of the 64 digits of 4 bits, the highest first: sum := 2·sum + table[digit]. The formulas and bounds are
    /// those of `Edwards25519.double` and `Edwards25519.add`, on the stack instead of in memory.
    function _straus(Edwards25519.Point memory sum, uint256 digits, uint256 table) private pure {
        assembly ("memory-safe") {
            let x := mload(sum)
            let y := mload(add(sum, 32))
            let z := mload(add(sum, 64))
            let t := 0
            for {
                let i := 64
            } i {
                i := sub(i, 1)
            } {
                let a := mulmod(x, x, P)
                let b := mulmod(y, y, P)
                let e := mulmod(x, y, P)
                e := add(e, e)
                let g := add(b, sub(P, a))
                let h := add(a, b)
                let f := addmod(mulmod(z, add(z, z), P), sub(TWICE_P, g), P)
                x := mulmod(e, f, P)
                y := mulmod(g, h, P)
                z := mulmod(f, g, P)
                t := mulmod(e, h, P)
                let digit := shr(252, digits)
                digits := shl(4, digits)
                if digit {
                    let q := add(table, shl(7, digit))
                    a := mulmod(add(y, sub(P, x)), mload(q), P)
                    b := mulmod(add(y, x), mload(add(q, 32)), P)
                    h := mulmod(z, mload(add(q, 64)), P)
                    g := mulmod(t, mload(add(q, 96)), P)
                    e := add(b, sub(P, a))
                    f := add(h, sub(P, g))
                    g := add(h, g)
                    h := add(b, a)
                    x := mulmod(e, f, P)
                    y := mulmod(g, h, P)
                    z := mulmod(f, g, P)
                    t := mulmod(e, h, P)
                }
            }
            mstore(sum, x)
            mstore(add(sum, 32), y)
            mstore(add(sum, 64), z)
            mstore(add(sum, 96), t)
        }
    }

    /// @dev Entry i is the sum of those of B, 2^127·B, `q` and `a` whose bits are set in i. Entry 0 is never read.
    /// @return table Where the entries begin in memory, 128 bytes each, like an `Addend`.
    function _table(Edwards25519.Point memory q, Edwards25519.Point memory a) private pure returns (uint256 table) {
        Edwards25519.Point[16] memory sums;
        sums[1] = Edwards25519.fromAffine(Edwards25519.BASE_X, Edwards25519.BASE_Y);
        sums[2] = Edwards25519.fromAffine(UPPER_X, UPPER_Y);
        sums[4] = q;
        sums[8] = a;
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, 2048))
        }
        for (uint256 half = 1; half < 16; half <<= 1) {
            Edwards25519.Addend memory step = sums[half].prepare();
            _store(table, half, step);
            for (uint256 i = half + 1; i < half << 1; ++i) {
                Edwards25519.Point memory sum = sums[i ^ half].copy();
                sum.add(step);
                sums[i] = sum;
                _store(table, i, sum.prepare());
            }
        }
    }

    /// @dev Writes an entry of the table.
    function _store(uint256 table, uint256 index, Edwards25519.Addend memory entry) private pure {
        assembly ("memory-safe") {
            mcopy(add(table, shl(7, index)), entry, 128)
        }
    }
}
