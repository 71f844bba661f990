// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {BLS12381} from "./BLS12381.sol";
import {IKeyVerifier} from "./interfaces/IKeyVerifier.sol";

/// @title ERC-7913 verifier for single BLS12-381 keys
/// @notice Stateless. A key is 256 bytes of G2, a signature 128 bytes of G1, both as EIP-2537 encodes them. The owner's
/// possession of a key is not proven here; keys that are to be added up belong into `BLS12381KeySets`.
contract BLS12381Verifier is IKeyVerifier {
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool valid = BLS12381.verify(BLS12381.SIGNATURE_TAG, hash, key, signature);
        return valid ? IERC7913SignatureVerifier.verify.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc IKeyVerifier
    function isValidKey(bytes calldata key) external view returns (bool) {
        return BLS12381.isKey(key);
    }
}
