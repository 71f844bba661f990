// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyVerifier} from "./IKeyVerifier.sol";

/// @title ERC-7913 verifier for quorums of a set of BLS12-381 keys
/// @notice A key is 33 bytes: the id of a set of {IBLS12381KeySets} and a threshold of 1 byte. A signature is 160 bytes: a bitmap of
/// the members that signed (bit i, counted from the lowest, is member i) and the sum of their signatures, 128 bytes of G1. It is
/// valid if the bitmap has at least `threshold` bits, all of them members, and the sum of their keys signed the hash.
interface IBLS12381SetVerifier is IKeyVerifier {
    /// @notice The number of members of the set with this id; 0 if it has not been created.
    function sizeOf(bytes32 id) external view returns (uint256);
}
