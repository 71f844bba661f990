// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ed25519} from "../crypto/Ed25519.sol";
import {Edwards25519} from "../crypto/Edwards25519.sol";
import {IEd25519CombVerifier} from "../crypto/interfaces/IEd25519CombVerifier.sol";
import {SHA512} from "../crypto/SHA512.sol";

/// @title The Ed25519 and SHA-512 libraries as a contract, for tests
contract Ed25519Harness {
    /// @notice `Ed25519.verify`.
    function verify(bytes calldata message, bytes calldata signature, bytes32 publicKey) external view returns (bool) {
        return Ed25519.verify(message, signature, publicKey);
    }

    /// @notice The same by the fast path, for a key that is registered: `signature` has 64 bytes, the hint is made here.
    function verifyRegistered(
        IEd25519CombVerifier verifier,
        bytes calldata message,
        bytes calldata signature,
        bytes32 publicKey
    ) external view returns (bool) {
        if (signature.length != 64) return false;
        bytes32 r = bytes32(signature);
        (bool ok, uint256 x, ) = Edwards25519.decode(r);
        if (!ok) return false;
        bytes32 challenge = bytes32(Ed25519.challenge(r, publicKey, message));
        bytes memory key = abi.encodePacked(publicKey);
        bytes memory hinted = abi.encodePacked(signature, x);
        return verifier.verifyChallenge(key, challenge, hinted) == verifier.verify.selector;
    }

    /// @notice `Ed25519.isValidPublicKey`.
    function isValidPublicKey(bytes32 publicKey) external view returns (bool) {
        return Ed25519.isValidPublicKey(publicKey);
    }

    /// @notice `Ed25519.challenge`.
    function challenge(bytes32 r, bytes32 publicKey, bytes calldata message) external pure returns (uint256) {
        return Ed25519.challenge(r, publicKey, message);
    }

    /// @notice `Ed25519.halve`.
    function halve(uint256 k) external pure returns (uint256 e, uint256 h, bool isNegative) {
        return Ed25519.halve(k);
    }

    /// @notice `Edwards25519.decode`.
    function decode(bytes32 encoded) external view returns (bool ok, uint256 x, uint256 y) {
        return Edwards25519.decode(encoded);
    }

    /// @notice 2^n·(x, y) + (u, v), in extended coordinates.
    function doubleAndAdd(
        uint256 x,
        uint256 y,
        uint256 n,
        uint256 u,
        uint256 v
    ) external pure returns (Edwards25519.Point memory sum) {
        sum = Edwards25519.fromAffine(x, y);
        Edwards25519.double(sum, n);
        Edwards25519.add(sum, Edwards25519.prepare(Edwards25519.fromAffine(u, v)));
    }

    /// @notice `Edwards25519.invert`.
    function invert(uint256 a) external view returns (uint256) {
        return Edwards25519.invert(a);
    }

    /// @notice `Edwards25519.reverse`.
    function reverse(uint256 value) external pure returns (uint256) {
        return Edwards25519.reverse(value);
    }

    /// @notice `SHA512.hash`.
    function sha512(bytes calldata message) external pure returns (bytes32 hi, bytes32 lo) {
        return SHA512.hash(message);
    }
}
