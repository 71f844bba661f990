// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The curve edwards25519: -x² + y² = 1 + d·x²·y² over the field of p = 2^255 - 19 elements
/// @notice Points in extended coordinates (X : Y : Z : T) with x = X/Z, y = Y/Z, T = X·Y/Z.
/// @dev Sources: RFC 8032; Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited" (2008). d is not a square
/// modulo p and -1 is one, so the addition formulas are complete: they hold for every pair of points, without exceptions.
///
/// Bounds. `mulmod` and `addmod` take any words and answer below p. Plain sums and differences are left unreduced where
/// they stay below 2^256: 2p < 2^256, so a sum of two reduced values may go into `mulmod` as it is, and a - b is
/// written as a + (p - b), which is between 1 and 2p - 1. Each unchecked block names its bounds.
library Edwards25519 {
    /// @notice The field's order, 2^255 - 19.
    uint256 internal constant P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed;
    /// @notice The order of the subgroup of prime order, 2^252 + 27742317777372353535851937790883648493.
    uint256 internal constant L = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed;
    /// @notice The base point's coordinates.
    uint256 internal constant BASE_X = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a;
    uint256 internal constant BASE_Y = 0x6666666666666666666666666666666666666666666666666666666666666658;

    /// @notice The curve's d = -121665/121666.
    uint256 internal constant D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3;
    /// @dev 2d.
    uint256 private constant D2 = 0x2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159;
    /// @dev A square root of -1: 2^((p-1)/4).
    uint256 private constant SQRT_MINUS_ONE = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0;
    /// @dev (p - 5) / 8.
    uint256 private constant ROOT_EXPONENT = 0x0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd;

    /// @notice A point in extended coordinates, every one of them below p.
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
        uint256 t;
    }

    /// @notice A point prepared for being added: (Y - X, Y + X, 2·Z, 2·d·T), each between 0 and p.
    struct Addend {
        uint256 yMinusX;
        uint256 yPlusX;
        uint256 z2;
        uint256 t2d;
    }

    /// @notice Decodes a point strictly (RFC 8032, 5.1.3): y below p, on the curve, and no "negative zero" for x.
    /// @param encoded 255 bits of y and the low bit of x, little-endian.
    /// @return ok Whether `encoded` is the canonical encoding of a point. If not, the other values are without meaning.
    /// @return x The point's x, below p.
    /// @return y The point's y, below p.
    function decode(bytes32 encoded) internal view returns (bool ok, uint256 x, uint256 y) {
        uint256 value = reverse(uint256(encoded));
        uint256 sign = value >> 255;
        y = (value << 1) >> 1;
        if (y >= P) return (false, 0, 0);
        unchecked {
            // x² = u/v with u = y² - 1 and v = d·y² + 1. v is never zero: -1/d is not a square.
            uint256 u = mulmod(y, y, P);
            uint256 v = addmod(mulmod(D, u, P), 1, P);
            u = addmod(u, P - 1, P);
            // The candidate u·v³·(u·v⁷)^((p-5)/8) is a root of u/v or of -u/v, if there is one of either.
            uint256 v3 = mulmod(mulmod(v, v, P), v, P);
            uint256 v7 = mulmod(mulmod(v3, v3, P), v, P);
            x = mulmod(mulmod(u, v3, P), _power(mulmod(u, v7, P), ROOT_EXPONENT), P);
            uint256 vxx = mulmod(v, mulmod(x, x, P), P);
            if (vxx != u) {
                // u < p, so P - u > 0.
                if (vxx != (P - u) % P) return (false, 0, 0);
                x = mulmod(x, SQRT_MINUS_ONE, P);
            }
            if (x == 0 && sign == 1) return (false, 0, 0);
            // x < p; if it is odd where it should be even (or the other way round) it is not 0, so P - x < p.
            if (x & 1 != sign) x = P - x;
        }
        return (true, x, y);
    }

    /// @notice The extended coordinates of the affine point (x, y).
    function fromAffine(uint256 x, uint256 y) internal pure returns (Point memory) {
        return Point(x, y, 1, mulmod(x, y, P));
    }

    /// @notice A copy of `p`.
    function copy(Point memory p) internal pure returns (Point memory) {
        return Point(p.x, p.y, p.z, p.t);
    }

    /// @notice `p` prepared for `add`.
    function prepare(Point memory p) internal pure returns (Addend memory) {
        unchecked {
            // p.x < P
            uint256 yMinusX = addmod(p.y, P - p.x, P);
            return Addend(yMinusX, addmod(p.y, p.x, P), addmod(p.z, p.z, P), mulmod(p.t, D2, P));
        }
    }

    /// @notice -`p` prepared for `add`.
    function prepareNegative(Point memory p) internal pure returns (Addend memory) {
        Addend memory q = prepare(p);
        unchecked {
            // q.t2d < P, and P is as good as 0 for `mulmod`.
            return Addend(q.yPlusX, q.yMinusX, q.z2, P - q.t2d);
        }
    }

    /// @notice p := 2^n·p, for n >= 1.
    function double(Point memory p, uint256 n) internal pure {
        unchecked {
            (uint256 x, uint256 y, uint256 z, uint256 t) = (p.x, p.y, p.z, 0);
            for (; n != 0; --n) {
                uint256 a = mulmod(x, x, P);
                uint256 b = mulmod(y, y, P);
                uint256 e = mulmod(x, y, P);
                e += e; // < 2p
                uint256 g = b + (P - a); // in 1 .. 2p-1
                uint256 h = a + b; // < 2p
                // 2·Z² - g; the second term is 2p - g, in 1 .. 2p-1.
                uint256 f = addmod(mulmod(z, z + z, P), 2 * P - g, P);
                x = mulmod(e, f, P);
                y = mulmod(g, h, P);
                z = mulmod(f, g, P);
                t = mulmod(e, h, P);
            }
            (p.x, p.y, p.z, p.t) = (x, y, z, t);
        }
    }

    /// @notice p := p + q.
    function add(Point memory p, Addend memory q) internal pure {
        unchecked {
            // The factors are below 2p: Y + (p - X) and Y + X.
            uint256 a = mulmod(p.y + (P - p.x), q.yMinusX, P);
            uint256 b = mulmod(p.y + p.x, q.yPlusX, P);
            uint256 c = mulmod(p.t, q.t2d, P);
            uint256 d = mulmod(p.z, q.z2, P);
            uint256 e = b + (P - a); // in 1 .. 2p-1, like f
            uint256 f = d + (P - c);
            uint256 g = d + c; // < 2p, like h
            uint256 h = b + a;
            p.x = mulmod(e, f, P);
            p.y = mulmod(g, h, P);
            p.z = mulmod(f, g, P);
            p.t = mulmod(e, h, P);
        }
    }

    /// @notice Whether 8·p is the neutral element, that is whether the order of `p` divides the cofactor.
    /// @dev Overwrites `p` with 8·p.
    function isSmallOrder(Point memory p) internal pure returns (bool) {
        double(p, 3);
        // The neutral element is (0 : Z : Z). Z is never zero.
        return p.x == 0 && p.y == p.z;
    }

    /// @notice The 32 bytes of `value` in reverse order.
    function reverse(uint256 value) internal pure returns (uint256 v) {
        v = value;
        v = ((v >> 8) & (type(uint256).max / 0x101)) | ((v & (type(uint256).max / 0x101)) << 8);
        v = ((v >> 16) & (type(uint256).max / 0x10001)) | ((v & (type(uint256).max / 0x10001)) << 16);
        v = ((v >> 32) & (type(uint256).max / 0x100000001)) | ((v & (type(uint256).max / 0x100000001)) << 32);
        v =
            ((v >> 64) & (type(uint256).max / 0x10000000000000001)) |
            ((v & (type(uint256).max / 0x10000000000000001)) << 64);
        v = (v >> 128) | (v << 128);
    }

    /// @notice 1/a modulo p; 0 for 0.
    function invert(uint256 a) internal view returns (uint256) {
        return _power(a, P - 2);
    }

    /// @dev base^exponent mod p by the precompile of EIP-198.
    function _power(uint256 base, uint256 exponent) private view returns (uint256 result) {
        assembly ("memory-safe") {
            // Three lengths of 32 bytes, then base, exponent and modulus, behind the free memory pointer.
            let data := mload(0x40)
            mstore(data, 32)
            mstore(add(data, 32), 32)
            mstore(add(data, 64), 32)
            mstore(add(data, 96), base)
            mstore(add(data, 128), exponent)
            mstore(add(data, 160), P)
            // The input is well-formed, so the call fails only when gas runs out, and then nothing may be concluded.
            if iszero(staticcall(gas(), 5, data, 192, 0, 32)) {
                revert(0, 0)
            }
            result := mload(0)
        }
    }
}
