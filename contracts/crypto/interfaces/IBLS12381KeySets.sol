// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Sets of BLS12-381 keys whose possession is proven
/// @notice A key is proven once. Proven keys then form sets; a set is stored as the code of a contract of its own, at an
/// address that follows from this registry and the set's id, and never changes. Members are numbered by their place in it.
interface IBLS12381KeySets {
    /// @notice The possession of a key has been proven.
    event KeyProven(bytes32 indexed keyHash);
    /// @notice A set has been created.
    /// @param size The number of its members.
    event SetCreated(bytes32 indexed id, uint256 size);

    /// @notice The proof is not valid, or the key is no point of the subgroup, or neutral.
    error InvalidProof(bytes32 keyHash);
    /// @notice The key has not been proven.
    error KeyNotProven(bytes32 keyHash);
    /// @notice The key is in the set twice.
    error DuplicateKey(bytes32 keyHash);
    /// @notice A set has between 1 and `max` members.
    error InvalidSize(uint256 size, uint256 max);

    /// @notice Proves that somebody possesses `key`. Anyone may pay for it, and repeat it.
    /// @param key 256 bytes of G2.
    /// @param proof A signature of `proofDigest(key)` by the key, under the tag for proofs: 128 bytes of G1.
    function prove(bytes calldata key, bytes calldata proof) external;

    /// @notice Creates the set of `keys`, which must be proven and differ from each other.
    /// @return id The set's id, which its members and their order determine. Creating a set again changes nothing.
    function createSet(bytes[] calldata keys) external returns (bytes32 id);

    /// @notice What the owner of `key` signs to prove its possession. Bound to this registry on this chain.
    function proofDigest(bytes calldata key) external view returns (bytes32);

    /// @notice Whether the possession of the key with this hash (keccak256 of its 256 bytes) has been proven.
    function isProven(bytes32 keyHash) external view returns (bool);

    /// @notice Where the set with this id is, or will be once it is created.
    function setAddress(bytes32 id) external view returns (address);
}
