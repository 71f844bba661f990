// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Action, ActionKind, EscrowId} from "./EscrowTypes.sol";

/// @title EIP-712 struct hashes of what can be signed
/// @dev Each action has its own type, so that a wallet shows what is signed, and none can be taken for another.
library ActionLib {
    bytes32 private constant CREATE = keccak256(
        "Create(bytes32 id,address seller,address token,uint256 amount,uint256 deadline)"
    );
    bytes32 private constant CLAIM = keccak256(
        "Claim(address account,address token,address to,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant AUTHORIZE_KEY = keccak256(
        "AuthorizeKey(address account,bytes signer,uint256 validUntil,uint256 nonce,uint256 deadline)"
    );

    bytes32 private constant DELIVER = keccak256("Deliver(bytes32 id,uint256 sequence,uint256 deadline)");
    bytes32 private constant RELEASE = keccak256("Release(bytes32 id,uint256 sequence,uint256 deadline)");
    bytes32 private constant REFUND = keccak256("Refund(bytes32 id,uint256 sequence,uint256 deadline)");
    bytes32 private constant RELEASE_PARTIAL = keccak256(
        "ReleasePartial(bytes32 id,uint256 amount,uint256 sequence,uint256 deadline)"
    );
    bytes32 private constant REFUND_PARTIAL = keccak256(
        "RefundPartial(bytes32 id,uint256 amount,uint256 sequence,uint256 deadline)"
    );
    bytes32 private constant RESOLVE = keccak256(
        "Resolve(bytes32 id,uint256 amount,uint256 sequence,uint256 deadline)"
    );
    bytes32 private constant DISPUTE = keccak256("Dispute(bytes32 id,string uri,uint256 sequence,uint256 deadline)");
    bytes32 private constant SUBMIT_EVIDENCE = keccak256(
        "SubmitEvidence(bytes32 id,string uri,uint256 sequence,uint256 deadline)"
    );
    bytes32 private constant PUBLISH_AGREEMENT = keccak256(
        "PublishAgreement(bytes32 id,string uri,uint256 sequence,uint256 deadline)"
    );

    function hashCreate(
        EscrowId id,
        address seller,
        address token,
        uint256 amount,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CREATE, id, seller, token, amount, deadline));
    }

    function hashClaim(
        address account,
        address token,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM, account, token, to, nonce, deadline));
    }

    function hashAuthorizeKey(
        address account,
        bytes calldata signer,
        uint256 validUntil,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(AUTHORIZE_KEY, account, keccak256(signer), validUntil, nonce, deadline));
    }

    function hashAction(EscrowId id, Action calldata action, uint256 deadline) internal pure returns (bytes32) {
        ActionKind kind = action.kind;
        if (kind == ActionKind.Deliver) return _plain(DELIVER, id, action, deadline);
        if (kind == ActionKind.Release) return _plain(RELEASE, id, action, deadline);
        if (kind == ActionKind.Refund) return _plain(REFUND, id, action, deadline);
        if (kind == ActionKind.ReleasePartial) return _withAmount(RELEASE_PARTIAL, id, action, deadline);
        if (kind == ActionKind.RefundPartial) return _withAmount(REFUND_PARTIAL, id, action, deadline);
        if (kind == ActionKind.Resolve) return _withAmount(RESOLVE, id, action, deadline);
        if (kind == ActionKind.Dispute) return _withUri(DISPUTE, id, action, deadline);
        if (kind == ActionKind.SubmitEvidence) return _withUri(SUBMIT_EVIDENCE, id, action, deadline);
        return _withUri(PUBLISH_AGREEMENT, id, action, deadline);
    }

    function _plain(
        bytes32 typehash,
        EscrowId id,
        Action calldata action,
        uint256 deadline
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(typehash, id, action.sequence, deadline));
    }

    function _withAmount(
        bytes32 typehash,
        EscrowId id,
        Action calldata action,
        uint256 deadline
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(typehash, id, action.amount, action.sequence, deadline));
    }

    function _withUri(
        bytes32 typehash,
        EscrowId id,
        Action calldata action,
        uint256 deadline
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(typehash, id, keccak256(bytes(action.uri)), action.sequence, deadline));
    }
}
