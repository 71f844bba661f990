// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Authorization} from "./EscrowTypes.sol";
import {IEscrow} from "./IEscrow.sol";

/// @title Who may sign for whom
/// @dev Nonces are for what belongs to an account and not to an escrow: claims and keys.
abstract contract EscrowKeys is IEscrow, EIP712, Nonces {
    /// @inheritdoc IEscrow
    mapping(address account => mapping(bytes32 key => uint256 validUntil)) public keyValidUntil;

    constructor() EIP712("dchat Escrow", "1") {}

    function _authorizeKey(address account, bytes calldata signer, uint256 validUntil) internal {
        keyValidUntil[account][keccak256(signer)] = validUntil;
        emit KeyAuthorized(account, signer, validUntil);
    }

    /// @dev Reverts unless the account, or a key that it has authorised, signed.
    function _requireSigned(address account, bytes32 structHash, Authorization calldata authorization) internal view {
        bytes32 digest = _requireInTime(structHash, authorization);
        if (authorization.signer.length == 0) {
            return _requireOwnSignature(account, digest, authorization.signature);
        }
        bytes32 key = keccak256(authorization.signer);
        uint256 validUntil = keyValidUntil[account][key];
        require(block.timestamp <= validUntil, KeyNotAuthorized(account, key, validUntil));
        _requireKeySignature(account, digest, authorization);
    }

    /// @dev As {_requireSigned}. The arbiter, who never receives money, may also be a bare key: then its address is the
    /// last 20 bytes of the ERC-7913 signer's keccak256.
    function _requireSignedByArbiter(
        address arbiter,
        bytes32 structHash,
        Authorization calldata authorization
    ) internal view {
        if (address(uint160(uint256(keccak256(authorization.signer)))) != arbiter) {
            return _requireSigned(arbiter, structHash, authorization);
        }
        _requireKeySignature(arbiter, _requireInTime(structHash, authorization), authorization);
    }

    /// @dev Reverts unless the account itself signed; no key can authorise keys.
    function _requireSignedItself(
        address account,
        bytes32 structHash,
        Authorization calldata authorization
    ) internal view {
        _requireOwnSignature(account, _requireInTime(structHash, authorization), authorization.signature);
    }

    function _requireInTime(bytes32 structHash, Authorization calldata authorization) private view returns (bytes32) {
        require(block.timestamp <= authorization.deadline, SignatureExpired(block.timestamp, authorization.deadline));
        return _hashTypedDataV4(structHash);
    }

    function _requireKeySignature(address account, bytes32 digest, Authorization calldata authorization) private view {
        require(
            SignatureChecker.isValidSignatureNow(authorization.signer, digest, authorization.signature),
            InvalidSignature(account, digest)
        );
    }

    /// @dev ECDSA first, even for an account with code: the key of an EIP-7702 account can do anything in its name, and
    /// no other contract has one. Then ERC-1271.
    function _requireOwnSignature(address account, bytes32 digest, bytes calldata signature) private view {
        (address recovered, ECDSA.RecoverError error_, ) = ECDSA.tryRecoverCalldata(digest, signature);
        require(
            (error_ == ECDSA.RecoverError.NoError && recovered == account) ||
                (account.code.length != 0 &&
                    SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature)),
            InvalidSignature(account, digest)
        );
    }
}
