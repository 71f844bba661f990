// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Ed25519} from "./Ed25519.sol";
import {IKeyVerifier} from "./interfaces/IKeyVerifier.sol";

/// @title ERC-7913 verifier for Ed25519 keys
/// @notice Stateless. A key is the 32 bytes of an Ed25519 public key (RFC 8032), the signed message is the 32 bytes of
/// `hash`, a signature is 64 bytes. `Ed25519` states which signatures are valid.
contract Ed25519Verifier is IKeyVerifier {
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool valid = key.length == 32 && Ed25519.verify(abi.encodePacked(hash), signature, bytes32(key));
        return valid ? IERC7913SignatureVerifier.verify.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc IKeyVerifier
    function isValidKey(bytes calldata key) external view returns (bool) {
        return key.length == 32 && Ed25519.isValidPublicKey(bytes32(key));
    }
}
