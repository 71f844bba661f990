// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice How the members of a set sign.
/// @dev Ed25519: each member its own signature. BLS12381: one aggregate (EIP-2537).
enum Scheme {
    Ed25519,
    BLS12381
}

/// @notice M of N validators. Contracts store the hash of a set; the set itself travels in calldata.
/// @param epoch Counts the sets, from 1. Each rotation adds one.
/// @param expiresAt Unix seconds. From then on nothing that the set signs is accepted: its members may have taken their bonds.
/// @param overlap For how many seconds after this set's activation the set before it may still attest; at most
/// {QuorumLib-MAX_OVERLAP}, and 0 where that set lost a member for an offence.
/// @param threshold M: how many distinct members must have signed.
/// @param scheme How they sign.
/// @param members Ed25519: the N public keys, strictly ascending, which makes a duplicate or a zero key impossible. BLS12381: the
/// id of the set of N keys in {IBLS12381KeySets}, alone.
struct ValidatorSet {
    uint64 epoch;
    uint64 expiresAt;
    uint32 overlap;
    uint16 threshold;
    Scheme scheme;
    bytes32[] members;
}

/// @notice The word of a quorum.
/// @param set Who may sign.
/// @param signers Who did: bit i, counted from the lowest, is member i. So nobody can be named twice.
/// @param signature Ed25519: 96 bytes a signer, ascending: R ‖ S ‖ x, where x is R's affine x-coordinate, a big-endian number.
/// BLS12381: the sum of the signers' signatures, 128 bytes of G1.
struct Quorum {
    ValidatorSet set;
    uint256 signers;
    bytes signature;
}
