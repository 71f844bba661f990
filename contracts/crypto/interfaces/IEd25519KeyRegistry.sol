// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Registry of Ed25519 keys whose multiples are worked out in advance
/// @notice Registering a key stores a table of 128 of its multiples as the code of a contract of its own, at an address that
/// follows from the registry and the key. With it a signature costs about a quarter of what it costs without. A table is
/// built and checked on chain, so nobody has to be trusted with it; anyone may pay for registering a key whose owner has
/// signed for it, and nobody can change or remove a table.
interface IEd25519KeyRegistry {
    /// @notice A key has been registered.
    /// @param table The address of its table.
    event KeyRegistered(bytes32 indexed publicKey, address table);

    /// @notice The key is not canonical, not on the curve or of small order.
    error InvalidKey(bytes32 publicKey);
    /// @notice The signature of `proofDigest` by the key is not valid.
    error InvalidProof(bytes32 publicKey);
    /// @notice The key has its table already.
    error AlreadyRegistered(bytes32 publicKey, address table);

    /// @notice Builds the table of `publicKey`. Costs about 2.9 million gas.
    /// @param publicKey An Ed25519 public key (RFC 8032).
    /// @param proof A signature of `proofDigest(publicKey)` by the key, 64 bytes.
    /// @return table The address of the table.
    function register(bytes32 publicKey, bytes calldata proof) external returns (address table);

    /// @notice What the owner of `publicKey` signs to prove its possession. Bound to this registry on this chain.
    function proofDigest(bytes32 publicKey) external view returns (bytes32);

    /// @notice Where the table of `publicKey` is, or will be once the key is registered.
    function tableAddress(bytes32 publicKey) external view returns (address);

    /// @notice Whether `publicKey` has its table.
    function isRegistered(bytes32 publicKey) external view returns (bool);

    /// @notice keccak256 of the creation code of a table, which fixes the tables' addresses (EIP-1014).
    function tableCodeHash() external view returns (bytes32);
}
