// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title SHA-512 (FIPS 180-4) of messages of any length
/// @notice A block of 128 bytes costs about 23,000 gas.
/// @dev Two ideas make the 64-bit arithmetic cheap on a 256-bit machine.
///
/// Doubled words. A word x of the state is kept as x·(2^64 + 1), that is x beside itself in 128 bits. Then
/// `shr(n, x)` holds x rotated right by n in its low 64 bits, for 0 <= n <= 64, and a rotation costs one shift. Only
/// the low 64 bits of a state word mean anything: what a shift or a sum leaves above them is cut off by the mask before
/// the word is doubled again. Sums wrap modulo 2^256, which does not touch the low 64 bits.
///
/// Lanes. The message schedule W[0..79] lies in memory at a stride of 16 bytes, each word zero-extended to 128 bits.
/// So `mload` at W[t] reads the pair (W[t], W[t+1]) in two lanes of 128 bits, and the schedule makes two words at a
/// time. A lane has 64 bits of room: sums of four or five words never reach the neighbour.
library SHA512 {
    /// @dev The low 64 bits.
    uint256 private constant LANE = 0xffffffffffffffff;
    /// @dev The low 64 bits of both lanes.
    uint256 private constant LANES = 0xffffffffffffffff0000000000000000ffffffffffffffff;
    /// @dev 2^64 + 1: doubles a word (and, with lanes, both words at once: x < 2^64 leaves no carry between them).
    uint256 private constant TWICE = 0x10000000000000001;

    /// @dev The initial state: the first 64 bits of the fractions of the square roots of the first eight primes.
    bytes private constant IV =
        hex"6a09e667f3bcc908_bb67ae8584caa73b_3c6ef372fe94f82b_a54ff53a5f1d36f1"
        hex"510e527fade682d1_9b05688c2b3e6c1f_1f83d9abfb41bd6b_5be0cd19137e2179";

    /// @dev The 80 round constants (cube roots of the first eighty primes), zero-extended to 16 bytes like the schedule.
    bytes private constant K =
        hex"0000000000000000_428a2f98d728ae22_0000000000000000_7137449123ef65cd"
        hex"0000000000000000_b5c0fbcfec4d3b2f_0000000000000000_e9b5dba58189dbbc"
        hex"0000000000000000_3956c25bf348b538_0000000000000000_59f111f1b605d019"
        hex"0000000000000000_923f82a4af194f9b_0000000000000000_ab1c5ed5da6d8118"
        hex"0000000000000000_d807aa98a3030242_0000000000000000_12835b0145706fbe"
        hex"0000000000000000_243185be4ee4b28c_0000000000000000_550c7dc3d5ffb4e2"
        hex"0000000000000000_72be5d74f27b896f_0000000000000000_80deb1fe3b1696b1"
        hex"0000000000000000_9bdc06a725c71235_0000000000000000_c19bf174cf692694"
        hex"0000000000000000_e49b69c19ef14ad2_0000000000000000_efbe4786384f25e3"
        hex"0000000000000000_0fc19dc68b8cd5b5_0000000000000000_240ca1cc77ac9c65"
        hex"0000000000000000_2de92c6f592b0275_0000000000000000_4a7484aa6ea6e483"
        hex"0000000000000000_5cb0a9dcbd41fbd4_0000000000000000_76f988da831153b5"
        hex"0000000000000000_983e5152ee66dfab_0000000000000000_a831c66d2db43210"
        hex"0000000000000000_b00327c898fb213f_0000000000000000_bf597fc7beef0ee4"
        hex"0000000000000000_c6e00bf33da88fc2_0000000000000000_d5a79147930aa725"
        hex"0000000000000000_06ca6351e003826f_0000000000000000_142929670a0e6e70"
        hex"0000000000000000_27b70a8546d22ffc_0000000000000000_2e1b21385c26c926"
        hex"0000000000000000_4d2c6dfc5ac42aed_0000000000000000_53380d139d95b3df"
        hex"0000000000000000_650a73548baf63de_0000000000000000_766a0abb3c77b2a8"
        hex"0000000000000000_81c2c92e47edaee6_0000000000000000_92722c851482353b"
        hex"0000000000000000_a2bfe8a14cf10364_0000000000000000_a81a664bbc423001"
        hex"0000000000000000_c24b8b70d0f89791_0000000000000000_c76c51a30654be30"
        hex"0000000000000000_d192e819d6ef5218_0000000000000000_d69906245565a910"
        hex"0000000000000000_f40e35855771202a_0000000000000000_106aa07032bbd1b8"
        hex"0000000000000000_19a4c116b8d2d0c8_0000000000000000_1e376c085141ab53"
        hex"0000000000000000_2748774cdf8eeb99_0000000000000000_34b0bcb5e19b48a8"
        hex"0000000000000000_391c0cb3c5c95a63_0000000000000000_4ed8aa4ae3418acb"
        hex"0000000000000000_5b9cca4f7763e373_0000000000000000_682e6ff3d6b2b8a3"
        hex"0000000000000000_748f82ee5defb2fc_0000000000000000_78a5636f43172f60"
        hex"0000000000000000_84c87814a1f0ab72_0000000000000000_8cc702081a6439ec"
        hex"0000000000000000_90befffa23631e28_0000000000000000_a4506cebde82bde9"
        hex"0000000000000000_bef9a3f7b2c67915_0000000000000000_c67178f2e372532b"
        hex"0000000000000000_ca273eceea26619c_0000000000000000_d186b8c721c0c207"
        hex"0000000000000000_eada7dd6cde0eb1e_0000000000000000_f57d4f7fee6ed178"
        hex"0000000000000000_06f067aa72176fba_0000000000000000_0a637dc5a2c898a6"
        hex"0000000000000000_113f9804bef90dae_0000000000000000_1b710b35131c471b"
        hex"0000000000000000_28db77f523047d84_0000000000000000_32caab7b40c72493"
        hex"0000000000000000_3c9ebe0a15c9bebc_0000000000000000_431d67c49c100d4c"
        hex"0000000000000000_4cc5d4becb3e42b6_0000000000000000_597f299cfc657e2a"
        hex"0000000000000000_5fcb6fab3ad6faec_0000000000000000_6c44198c4a475817";

    // Scratch memory, behind the free memory pointer and given up on return. Offsets in bytes:
    //      0  the schedule: 80 words at a stride of 16 (32 more are read at the last word, as its second lane)
    //   1312  the round constants, laid out like the schedule
    //   2592  the state: 8 words at a stride of 8
    //   2656  the last one or two blocks of the padded message

    /// @notice The SHA-512 digest of `message`.
    /// @return hi The first 32 bytes of the digest.
    /// @return lo The last 32 bytes of the digest.
    function hash(bytes memory message) internal pure returns (bytes32 hi, bytes32 lo) {
        bytes memory iv = IV;
        bytes memory constants = K;
        uint256 scratch;
        uint256 data;
        uint256 end;
        assembly ("memory-safe") {
            scratch := mload(0x40)
            mcopy(add(scratch, 1312), add(constants, 32), 1280)
            mcopy(add(scratch, 2592), add(iv, 32), 64)
            let size := mload(message)
            data := add(message, 32)
            // The full blocks are read where they lie; the rest of the message, 0 to 127 bytes, is copied and padded.
            let rest := and(size, 127)
            end := add(data, sub(size, rest))
            let tail := add(scratch, 2656)
            mcopy(tail, end, rest)
            // Padding adds the byte 0x80 and a 128-bit length: one block holds up to 111 bytes of message with it.
            // calldatacopy from beyond the calldata writes zeros.
            let length := shl(gt(rest, 111), 128)
            calldatacopy(add(tail, rest), calldatasize(), sub(length, rest))
            mstore8(add(tail, rest), 0x80)
            // A message in memory is far shorter than 2^61 bytes: its length in bits fits the last 8 of the 16 bytes.
            let last := sub(add(tail, length), 32)
            mstore(last, or(mload(last), shl(3, size)))
        }
        for (; data != end; data += 128) {
            _fold(scratch, data);
        }
        // The tail: one block or two.
        data = scratch + 2656;
        if (message.length & 127 > 111) {
            _fold(scratch, data);
            data += 128;
        }
        _fold(scratch, data);
        assembly ("memory-safe") {
            hi := mload(add(scratch, 2592))
            lo := mload(add(scratch, 2624))
        }
    }

    /// @dev Folds the 128-byte block at `data` into the state.
    function _fold(uint256 scratch, uint256 data) private pure {
        _expand(scratch, data);
        _compress(scratch);
    }

    /// @dev Writes the message schedule of the 128-byte block at `data` to `schedule`, two words at a time.
    function _expand(uint256 schedule, uint256 data) private pure {
        assembly ("memory-safe") {
            for {
                let i := 0
            } lt(i, 128) {
                i := add(i, 16)
            } {
                // 16 bytes x|y of the block become the lanes 0|x|0|y: x|y stands in the low half of `pair`.
                let pair := shr(128, mload(add(data, i)))
                mstore(add(schedule, shl(1, i)), and(or(pair, shl(64, pair)), LANES))
            }
            let w := add(schedule, 256)
            for {
                let end := add(schedule, 1280)
            } lt(w, end) {
                w := add(w, 32)
            } {
                // W[t] = W[t-16] + s0(W[t-15]) + W[t-7] + s1(W[t-2]), in both lanes. A shift by n moves the n low bits
                // of the upper lane onto the n high bits of the lower one. The shifts add up to at most 61, and LANES
                // keeps only the lower 64 bits of a lane, so that nothing of them remains.
                let x := mload(sub(w, 240))
                let y := mload(sub(w, 32))
                let xx := mul(x, TWICE)
                let yy := mul(y, TWICE)
                // s0 = rotr 1 ^ rotr 8 ^ shr 7; s1 = rotr 19 ^ rotr 61 ^ shr 6
                x := and(xor(shr(1, xor(xx, shr(7, xx))), shr(7, x)), LANES)
                y := and(xor(shr(19, xor(yy, shr(42, yy))), shr(6, y)), LANES)
                mstore(w, and(add(add(mload(sub(w, 256)), x), add(mload(sub(w, 112)), y)), LANES))
            }
        }
    }

    /// @dev Folds the block in the schedule into the state.
    // The eight rounds are written out: a loop or a call for each would cost half as much again.
    // solhint-disable-next-line function-max-lines
    function _compress(uint256 scratch) private pure {
        assembly ("memory-safe") {
            let w := add(scratch, 2592)
            let h := mload(w)
            let a := mul(shr(192, h), TWICE)
            let b := mul(and(shr(128, h), LANE), TWICE)
            let c := mul(and(shr(64, h), LANE), TWICE)
            let d := mul(and(h, LANE), TWICE)
            h := mload(add(w, 32))
            let e := mul(shr(192, h), TWICE)
            let f := mul(and(shr(128, h), LANE), TWICE)
            let g := mul(and(shr(64, h), LANE), TWICE)
            h := and(h, LANE)
            // Eight rounds an iteration, so that the variables are back in their places at its end. In a round
            //   h += K + W + Ch(e,f,g) + S1(e);  d += h;  h += Maj(a,b,c) + S0(a)
            // with S1 = rotr 14 ^ rotr 18 ^ rotr 41 and S0 = rotr 28 ^ rotr 34 ^ rotr 39. `wk` holds K + W of two
            // rounds: the first takes the upper lane, the second the lower one (the mask cuts off the upper).
            w := scratch
            for {
                let end := add(w, 1280)
            } lt(w, end) {
                w := add(w, 128)
            } {
                let wk
                wk := add(mload(w), mload(add(w, 1312)))
                h := add(
                    add(add(h, shr(128, wk)), xor(g, and(e, xor(f, g)))),
                    shr(14, xor(e, xor(shr(4, e), shr(27, e))))
                )
                d := mul(and(add(d, h), LANE), TWICE)
                h := add(h, add(xor(b, and(xor(a, b), xor(b, c))), shr(28, xor(a, xor(shr(6, a), shr(11, a))))))
                h := mul(and(h, LANE), TWICE)
                g := add(add(add(g, wk), xor(f, and(d, xor(e, f)))), shr(14, xor(d, xor(shr(4, d), shr(27, d)))))
                c := mul(and(add(c, g), LANE), TWICE)
                g := add(g, add(xor(a, and(xor(h, a), xor(a, b))), shr(28, xor(h, xor(shr(6, h), shr(11, h))))))
                g := mul(and(g, LANE), TWICE)
                wk := add(mload(add(w, 32)), mload(add(w, 1344)))
                f := add(
                    add(add(f, shr(128, wk)), xor(e, and(c, xor(d, e)))),
                    shr(14, xor(c, xor(shr(4, c), shr(27, c))))
                )
                b := mul(and(add(b, f), LANE), TWICE)
                f := add(f, add(xor(h, and(xor(g, h), xor(h, a))), shr(28, xor(g, xor(shr(6, g), shr(11, g))))))
                f := mul(and(f, LANE), TWICE)
                e := add(add(add(e, wk), xor(d, and(b, xor(c, d)))), shr(14, xor(b, xor(shr(4, b), shr(27, b)))))
                a := mul(and(add(a, e), LANE), TWICE)
                e := add(e, add(xor(g, and(xor(f, g), xor(g, h))), shr(28, xor(f, xor(shr(6, f), shr(11, f))))))
                e := mul(and(e, LANE), TWICE)
                wk := add(mload(add(w, 64)), mload(add(w, 1376)))
                d := add(
                    add(add(d, shr(128, wk)), xor(c, and(a, xor(b, c)))),
                    shr(14, xor(a, xor(shr(4, a), shr(27, a))))
                )
                h := mul(and(add(h, d), LANE), TWICE)
                d := add(d, add(xor(f, and(xor(e, f), xor(f, g))), shr(28, xor(e, xor(shr(6, e), shr(11, e))))))
                d := mul(and(d, LANE), TWICE)
                c := add(add(add(c, wk), xor(b, and(h, xor(a, b)))), shr(14, xor(h, xor(shr(4, h), shr(27, h)))))
                g := mul(and(add(g, c), LANE), TWICE)
                c := add(c, add(xor(e, and(xor(d, e), xor(e, f))), shr(28, xor(d, xor(shr(6, d), shr(11, d))))))
                c := mul(and(c, LANE), TWICE)
                wk := add(mload(add(w, 96)), mload(add(w, 1408)))
                b := add(
                    add(add(b, shr(128, wk)), xor(a, and(g, xor(h, a)))),
                    shr(14, xor(g, xor(shr(4, g), shr(27, g))))
                )
                f := mul(and(add(f, b), LANE), TWICE)
                b := add(b, add(xor(d, and(xor(c, d), xor(d, e))), shr(28, xor(c, xor(shr(6, c), shr(11, c))))))
                b := mul(and(b, LANE), TWICE)
                a := add(add(add(a, wk), xor(h, and(f, xor(g, h)))), shr(14, xor(f, xor(shr(4, f), shr(27, f)))))
                e := mul(and(add(e, a), LANE), TWICE)
                a := add(a, add(xor(c, and(xor(b, c), xor(c, d))), shr(28, xor(b, xor(shr(6, b), shr(11, b))))))
                a := mul(and(a, LANE), TWICE)
            }
            // The new state is the old one plus the working variables, modulo 2^64, packed eight bytes a word.
            // w = scratch + 1280 here.
            w := add(w, 1312)
            let x := mload(w)
            a := or(shl(192, add(shr(192, x), a)), shl(128, and(add(shr(128, x), b), LANE)))
            mstore(w, or(a, or(shl(64, and(add(shr(64, x), c), LANE)), and(add(x, d), LANE))))
            w := add(w, 32)
            x := mload(w)
            e := or(shl(192, add(shr(192, x), e)), shl(128, and(add(shr(128, x), f), LANE)))
            mstore(w, or(e, or(shl(64, and(add(shr(64, x), g), LANE)), and(add(x, h), LANE))))
        }
    }
}
