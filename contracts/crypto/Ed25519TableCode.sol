// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Edwards25519} from "./Edwards25519.sol";
import {IEd25519KeyRegistry} from "./interfaces/IEd25519KeyRegistry.sol";

/// @title The comb table of an Ed25519 key
/// @dev Tooth r is 2^(32·r)·A, for r = 0 … 7. Entry e is the sum of the eight teeth, tooth 7 positive and tooth r < 7
/// positive where bit r of e is 1, negative where it is 0. Entry 127 comes first. An entry (x, y) is stored as
/// ((y - x)/2, (y + x)/2, d·x·y), which saves the verifier reductions; see docs/crypto.md.
library Ed25519TableCode {
    using Edwards25519 for Edwards25519.Point;

    // Assembly takes literal constants only; a test holds them against Edwards25519's.
    uint256 private constant P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed;
    uint256 private constant D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3;
    /// @dev 1/2 modulo p, that is (p + 1)/2.
    uint256 private constant HALF = 0x3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7;
    uint256 private constant ENTRIES = 128;
    /// @dev One byte of mark and the entries: 1 + 128 · 96.
    uint256 private constant SIZE = 12289;

    /// @notice The code of the table of `publicKey`: the byte 0xfe, an invalid instruction so that nobody can run it, and 128
    /// entries of 96 bytes. Reverts with `InvalidKey` if the key is not canonical, not on the curve or of small order.
    function build(bytes32 publicKey) internal view returns (bytes memory code) {
        (bool ok, uint256 x, uint256 y) = Edwards25519.decode(publicKey);
        if (!ok || Edwards25519.fromAffine(x, y).isSmallOrder()) revert IEd25519KeyRegistry.InvalidKey(publicKey);
        uint256 entries = _entries(Edwards25519.fromAffine(x, y));
        uint256 products = entries + ENTRIES * 128;
        uint256 end = products + ENTRIES * 32;
        assembly ("memory-safe") {
            code := end
            mstore(code, SIZE)
            // The length, the code, and up to a full word.
            mstore(0x40, add(code, add(32, and(add(SIZE, 31), not(31)))))
        }
        _encode(entries, products, code);
    }

    /// @dev Computes the entries of the table of `tooth` (which it overwrites) behind the free memory pointer.
    /// @return entries Where they begin: 128 bytes each, like a `Point`.
    function _entries(Edwards25519.Point memory tooth) private pure returns (uint256 entries) {
        // Entry 0 is tooth 7 minus the others: sum up their negatives, and keep their doubles on the way.
        Edwards25519.Addend[7] memory doubles;
        Edwards25519.Point memory sum = Edwards25519.fromAffine(0, 1);
        for (uint256 r = 0; r < 7; ++r) {
            sum.add(tooth.prepareNegative());
            tooth.double(1);
            doubles[r] = tooth.prepare();
            tooth.double(31);
        }
        sum.add(tooth.prepare());
        assembly ("memory-safe") {
            entries := mload(0x40)
            mcopy(entries, sum, 128)
        }
        // Turning tooth r from negative to positive adds its double.
        for (uint256 r = 0; r < 7; ++r) {
            _addToAll(entries, entries + (128 << r), doubles[r]);
        }
    }

    /// @dev Adds `q` to all points from `from` to `end`, and writes the sums behind `end`. The formulas and bounds are those
    /// of `Edwards25519.add`.
    function _addToAll(uint256 from, uint256 end, Edwards25519.Addend memory q) private pure {
        assembly ("memory-safe") {
            let to := end
            for {} lt(from, end) {
                from := add(from, 128)
            } {
                let x := mload(from)
                let y := mload(add(from, 32))
                let a := mulmod(add(y, sub(P, x)), mload(q), P)
                let b := mulmod(add(y, x), mload(add(q, 32)), P)
                let d := mulmod(mload(add(from, 64)), mload(add(q, 64)), P)
                let c := mulmod(mload(add(from, 96)), mload(add(q, 96)), P)
                let e := add(b, sub(P, a))
                let f := add(d, sub(P, c))
                let g := add(d, c)
                let h := add(b, a)
                mstore(to, mulmod(e, f, P))
                mstore(add(to, 32), mulmod(g, h, P))
                mstore(add(to, 64), mulmod(f, g, P))
                mstore(add(to, 96), mulmod(e, h, P))
                to := add(to, 128)
            }
        }
    }

    /// @dev Fills `code` with the mark and the entries, all divisions by Z being shares of one inversion (Montgomery's trick).
    /// @param products Room for a word an entry.
    function _encode(uint256 entries, uint256 products, bytes memory code) private view {
        uint256 product = 1;
        assembly ("memory-safe") {
            // products[e] = Z[0]·…·Z[e-1]
            let z := add(entries, 64)
            for {
                let to := products
            } lt(to, code) {
                to := add(to, 32)
            } {
                mstore(to, product)
                product := mulmod(product, mload(z), P)
                z := add(z, 128)
            }
        }
        uint256 inverse = Edwards25519.invert(product);
        assembly ("memory-safe") {
            let to := add(code, 32)
            mstore8(to, 0xfe)
            to := add(to, 1)
            for {
                let e := products
            } gt(e, entries) {} {
                e := sub(e, 128)
                // Here inverse = 1/(Z[0]·…·Z[e]). The product for the entry at entries + 128·i is at products + 32·i.
                let z := mulmod(inverse, mload(add(products, shr(2, sub(e, entries)))), P)
                inverse := mulmod(inverse, mload(add(e, 64)), P)
                let x := mulmod(mload(e), z, P)
                let y := mulmod(mload(add(e, 32)), z, P)
                // x and y are below p, so y + (p - x) and y + x are below 2p.
                mstore(to, mulmod(add(y, sub(P, x)), HALF, P))
                mstore(add(to, 32), mulmod(add(y, x), HALF, P))
                mstore(add(to, 64), mulmod(mulmod(x, y, P), D, P))
                to := add(to, 96)
            }
        }
    }
}
