// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ed25519} from "../crypto/Ed25519.sol";
import {SHA512} from "../crypto/SHA512.sol";

/// @title The Ed25519 and SHA-512 libraries as a contract, for tests
contract Ed25519Harness {
    /// @notice `Ed25519.verify`.
    function verify(bytes calldata message, bytes calldata signature, bytes32 publicKey) external view returns (bool) {
        return Ed25519.verify(message, signature, publicKey);
    }

    /// @notice `Ed25519.isValidPublicKey`.
    function isValidPublicKey(bytes32 publicKey) external view returns (bool) {
        return Ed25519.isValidPublicKey(publicKey);
    }

    /// @notice `SHA512.hash`.
    function sha512(bytes calldata message) external pure returns (bytes32 hi, bytes32 lo) {
        return SHA512.hash(message);
    }
}
