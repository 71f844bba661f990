// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MultiSignerERC7913} from "@openzeppelin/contracts/utils/cryptography/signers/MultiSignerERC7913.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title OpenZeppelin's multi-signer and signature checker as a contract, for tests and benchmarks
contract MultiSigner is MultiSignerERC7913 {
    constructor(bytes[] memory signers, uint64 threshold) MultiSignerERC7913(signers, threshold) {}

    /// @notice Whether `signature` carries enough signatures of `hash` by the signers.
    function isValid(bytes32 hash, bytes calldata signature) external view returns (bool) {
        return _rawSignatureValidation(hash, signature);
    }

    /// @notice `SignatureChecker.isValidSignatureNow` for one signer: a verifier's address and a key.
    function isValidNow(bytes calldata signer, bytes32 hash, bytes calldata signature) external view returns (bool) {
        return SignatureChecker.isValidSignatureNow(signer, hash, signature);
    }
}
