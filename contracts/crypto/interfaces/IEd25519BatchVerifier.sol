// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Verifier of several Ed25519 signatures of one digest by registered keys
interface IEd25519BatchVerifier {
    /// @notice Whether every signature is valid, by the rule of `Ed25519`. Never reverts for malformed input.
    /// @dev It does not compare the keys with each other: a caller that counts signers must see to it that they differ, for
    /// example by demanding that they ascend.
    /// @param hash The signed digest.
    /// @param keys n keys of 32 bytes, n >= 1. A key that is not registered makes the answer false.
    /// @param signatures n signatures of 96 bytes in the order of the keys: R ‖ S ‖ x, x being R's affine x-coordinate, a
    /// big-endian number. Given R only one x is accepted.
    function verifyAll(bytes32 hash, bytes calldata keys, bytes calldata signatures) external view returns (bool);
}
