// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ActionLib} from "./ActionLib.sol";
import {Action, ActionKind, Authorization, EscrowId, EscrowView, Permit, Slot, Terms} from "./EscrowTypes.sol";
import {BatchLib} from "./BatchLib.sol";
import {EscrowCore} from "./EscrowCore.sol";
import {EscrowKeys} from "./EscrowKeys.sol";
import {FundingLib} from "./FundingLib.sol";
import {IEscrow} from "./IEscrow.sol";
import {TermsLib} from "./TermsLib.sol";
import {WindowLib} from "./WindowLib.sol";

/// @title The marketplace escrow
/// @notice An immutable singleton without owner, pause or upgrade. See {IEscrow}.
contract Escrow is EscrowCore, EscrowKeys, ReentrancyGuardTransient {
    using TermsLib for Terms;
    using FundingLib for Terms;

    /// @dev Items in a batch.
    uint256 internal constant MAX_BATCH = 100;

    /// @dev For functions that call nobody: they cannot be entered again, so it is enough that no other one is running.
    modifier notEntered() {
        require(!_reentrancyGuardEntered(), ReentrancyGuardReentrantCall());
        _;
    }

    // Creation

    /// @inheritdoc IEscrow
    function create(Terms calldata terms) external payable nonReentrant returns (EscrowId id) {
        _requireActor(msg.sender, terms.buyer);
        id = terms.toId();
        _create(terms, id);
        terms.pull();
    }

    /// @inheritdoc IEscrow
    function createWithPermit(
        Terms calldata terms,
        Permit calldata permit
    ) external nonReentrant returns (EscrowId id) {
        _requireActor(msg.sender, terms.buyer);
        id = terms.toId();
        _create(terms, id);
        terms.usePermit(permit);
        terms.pull();
    }

    /// @inheritdoc IEscrow
    function createFor(
        Terms calldata terms,
        Permit calldata permit,
        Authorization calldata authorization
    ) external payable nonReentrant returns (EscrowId id) {
        id = terms.toId();
        _create(terms, id);
        bytes32 structHash = ActionLib.hashCreate(
            id,
            terms.seller(),
            terms.token,
            terms.amount,
            authorization.deadline
        );
        _requireSigned(terms.buyer, structHash, authorization);
        terms.usePermit(permit);
        terms.pull();
    }

    /// @inheritdoc IEscrow
    function createWithAuthorization(
        Terms calldata terms,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant returns (EscrowId id) {
        id = terms.toId();
        _create(terms, id);
        terms.receiveAuthorized(id, validAfter, validBefore, signature);
    }

    // The parties

    /// @inheritdoc IEscrow
    function deliver(Terms calldata terms) external notEntered {
        (EscrowId id, Slot slot) = _open(terms);
        _deliver(terms, id, slot, msg.sender);
    }

    /// @inheritdoc IEscrow
    function release(Terms calldata terms) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        _release(terms, id, slot, msg.sender);
    }

    /// @inheritdoc IEscrow
    function releasePartial(Terms calldata terms, uint256 amount) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        _releasePartial(terms, id, slot, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function refund(Terms calldata terms) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        _refund(terms, id, slot, msg.sender);
    }

    /// @inheritdoc IEscrow
    function refundPartial(Terms calldata terms, uint256 amount) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        _refundPartial(terms, id, slot, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function fileDispute(Terms calldata terms) external notEntered {
        (EscrowId id, Slot slot) = _open(terms);
        _dispute(terms, id, slot, msg.sender);
    }

    /// @inheritdoc IEscrow
    function fileDisputeWithEvidence(Terms calldata terms, string calldata evidenceURI) external notEntered {
        (EscrowId id, Slot slot) = _open(terms);
        _disputeWithEvidence(terms, id, slot, msg.sender, evidenceURI);
    }

    /// @inheritdoc IEscrow
    function submitEvidence(Terms calldata terms, string calldata evidenceURI) external notEntered {
        (EscrowId id, Slot slot) = _open(terms);
        _submitEvidence(terms, id, slot, msg.sender, evidenceURI);
    }

    /// @inheritdoc IEscrow
    function publishAgreement(Terms calldata terms, string calldata agreementURI) external notEntered {
        (EscrowId id, Slot slot) = _open(terms);
        _publishAgreement(terms, id, slot, msg.sender, agreementURI);
    }

    /// @inheritdoc IEscrow
    function resolve(Terms calldata terms, uint256 toBuyer) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        _resolve(terms, id, slot, msg.sender, toBuyer);
    }

    /// @inheritdoc IEscrow
    function execute(
        Terms calldata terms,
        Action calldata action,
        Authorization calldata authorization
    ) external nonReentrant {
        (EscrowId id, Slot slot) = _open(terms);
        ActionKind kind = action.kind;
        address actor = action.account;
        bool ruling = kind == ActionKind.Resolve;
        uint256 sequence = ruling ? 0 : _sequenceOf(terms, slot, actor);
        require(action.sequence == sequence, SequenceMismatch(action.sequence, sequence));
        bytes32 structHash = ActionLib.hashAction(id, action, authorization.deadline);
        if (ruling) _requireSignedByArbiter(actor, structHash, authorization);
        else _requireSigned(actor, structHash, authorization);

        if (kind == ActionKind.Deliver) _deliver(terms, id, slot, actor);
        else if (kind == ActionKind.Release) _release(terms, id, slot, actor);
        else if (kind == ActionKind.ReleasePartial) _releasePartial(terms, id, slot, actor, action.amount);
        else if (kind == ActionKind.Refund) _refund(terms, id, slot, actor);
        else if (kind == ActionKind.RefundPartial) _refundPartial(terms, id, slot, actor, action.amount);
        else if (kind == ActionKind.Dispute) _disputeWithEvidence(terms, id, slot, actor, action.uri);
        else if (kind == ActionKind.SubmitEvidence) _submitEvidence(terms, id, slot, actor, action.uri);
        else if (kind == ActionKind.PublishAgreement) _publishAgreement(terms, id, slot, actor, action.uri);
        else _resolve(terms, id, slot, actor, action.amount);
    }

    // Time-outs

    /// @inheritdoc IEscrow
    function expire(Terms calldata terms) external nonReentrant {
        _expire(terms, msg.sender);
    }

    /// @inheritdoc IEscrow
    function processExpirations(Terms[] calldata terms) external nonReentrant returns (uint256 processed) {
        uint256 count = terms.length;
        require(count <= MAX_BATCH, BatchTooLarge(count, MAX_BATCH));
        for (uint256 i = 0; i < count;) {
            bool expired = BatchLib.tryExpire(terms[i], msg.sender);
            if (!expired) emit ExpirationSkipped(i);
            // Both stay within MAX_BATCH.
            unchecked {
                if (expired) ++processed;
                ++i;
            }
        }
    }

    /// @inheritdoc IEscrow
    /// @dev Not guarded: it runs inside {processExpirations}, which is.
    function expireFromBatch(address caller, Terms calldata terms) external {
        _requireActor(msg.sender, address(this));
        _expire(terms, caller);
    }

    // Credits

    /// @inheritdoc IEscrow
    function claim(address token, address to) external nonReentrant {
        _claim(msg.sender, token, to);
    }

    /// @inheritdoc IEscrow
    function claimFor(
        address account,
        address token,
        address to,
        Authorization calldata authorization
    ) external nonReentrant {
        uint256 nonce = _useNonce(account);
        _requireSigned(account, ActionLib.hashClaim(account, token, to, nonce, authorization.deadline), authorization);
        _claim(account, token, to);
    }

    // Keys

    /// @inheritdoc IEscrow
    function authorizeKey(bytes calldata signer, uint256 validUntil) external {
        _authorizeKey(msg.sender, signer, validUntil);
    }

    /// @inheritdoc IEscrow
    function authorizeKeyFor(
        address account,
        bytes calldata signer,
        uint256 validUntil,
        Authorization calldata authorization
    ) external nonReentrant {
        uint256 nonce = _useNonce(account);
        _requireSignedItself(
            account,
            ActionLib.hashAuthorizeKey(account, signer, validUntil, nonce, authorization.deadline),
            authorization
        );
        _authorizeKey(account, signer, validUntil);
    }

    // Views

    /// @inheritdoc IEscrow
    function idOf(Terms calldata terms) external view returns (EscrowId) {
        return terms.toId();
    }

    /// @inheritdoc IEscrow
    function escrowOf(EscrowId id) external view nonReentrantView returns (EscrowView memory) {
        return _slots[id].unpack();
    }

    /// @inheritdoc IEscrow
    function dueAt(Terms calldata terms) external view nonReentrantView returns (uint256) {
        return WindowLib.dueAt(terms, _slots[terms.toId()]);
    }
}
