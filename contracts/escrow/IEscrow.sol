// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Action, Authorization, EscrowId, EscrowView, Permit, Terms} from "./EscrowTypes.sol";
import {IERC1497} from "./IERC1497.sol";
import {IEscrowErrors} from "./IEscrowErrors.sol";
import {IEscrowEvents} from "./IEscrowEvents.sol";

/// @title A marketplace escrow
/// @notice Holds a buyer's money until it is released, refunded, ruled upon or timed out. Nobody administers it.
///
///     create → Locked → deliver → AwaitingRelease → Released | Refunded | Expired
///                └────── dispute ──────┴→ Disputed → Released | Refunded | Expired
///
/// The buyer may release and the seller may refund in every open state: each gives up only what is their own. A release
/// of a locked escrow accepts the delivery with it. Whoever is not entitled gets {Unauthorized} or {NotParty}; an escrow
/// that does not exist or is closed gives {NotOpen}. Times are Unix seconds, amounts are in the token's smallest unit,
/// shares are basis points. Windows are half-open: [start, deadline).
interface IEscrow is IEscrowErrors, IEscrowEvents, IERC1497 {
    // Creation

    /// @notice Creates and funds an escrow, as the buyer, by allowance or with the value sent along.
    /// @dev Errors: {AlreadyExists}, {WrongValue}, {WrongReceived}, {TokenWithoutCode}, and those on terms.
    /// @param terms What the parties agreed on.
    /// @return id The escrow's id.
    function create(Terms calldata terms) external payable returns (EscrowId id);

    /// @notice {create} with an ERC-2612 permit. If the permit has been used already, its allowance serves.
    function createWithPermit(Terms calldata terms, Permit calldata permit) external returns (EscrowId id);

    /// @notice Creates an escrow for a buyer who has signed
    /// `Create(bytes32 id,address seller,address token,uint256 amount,uint256 deadline)`. Funded by the buyer's
    /// allowance or permit; native currency is the sender's.
    /// @dev Errors: as {create}, and {SignatureExpired}, {InvalidSignature}, {KeyNotAuthorized}.
    function createFor(
        Terms calldata terms,
        Permit calldata permit,
        Authorization calldata authorization
    ) external payable returns (EscrowId id);

    /// @notice Creates an escrow for a buyer who has signed the token's ERC-3009 `ReceiveWithAuthorization` with the
    /// escrow's id as its nonce: one signature for terms and funding, and anybody may send it.
    /// @param validAfter Unix second after which the token takes the authorization.
    /// @param validBefore Unix second before which it does.
    /// @param signature (r, s, v), or whatever the buyer's wallet makes if the token takes signatures as bytes.
    function createWithAuthorization(
        Terms calldata terms,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external returns (EscrowId id);

    // The parties

    /// @notice The seller has delivered the current milestone; before its deadline. The review begins.
    /// @dev Errors: {WrongState}, {WindowClosed}.
    function deliver(Terms calldata terms) external;

    /// @notice The buyer pays the current milestone to the payees: everything, if there are no milestones or this is the
    /// last. In a dispute: everything, whatever the milestones.
    function release(Terms calldata terms) external;

    /// @notice The buyer pays a part to the payees. Not in a dispute. It counts towards the current milestone.
    /// @dev Errors: {AmountOutOfRange}, {WrongState}.
    function releasePartial(Terms calldata terms, uint256 amount) external;

    /// @notice The seller gives the buyer everything back that remains.
    function refund(Terms calldata terms) external;

    /// @notice The seller gives the buyer a part back. Not in a dispute. It comes off the current milestone first.
    /// @dev Errors: {AmountOutOfRange}, {WrongState}.
    function refundPartial(Terms calldata terms, uint256 amount) external;

    /// @notice The buyer disputes before delivery or during the review; the seller disputes during the review.
    /// @dev Errors: {WrongState}, {WindowClosed}.
    function fileDispute(Terms calldata terms) external;

    /// @notice {fileDispute} and {submitEvidence} in one; with an empty URI, {fileDispute} alone.
    function fileDisputeWithEvidence(Terms calldata terms, string calldata evidenceURI) external;

    /// @notice The buyer or the seller adds evidence to a dispute, until the arbiter's deadline.
    /// @dev Errors: {WrongState}, {WindowClosed}.
    function submitEvidence(Terms calldata terms, string calldata evidenceURI) external;

    /// @notice The buyer or the seller says where the agreement, whose digest is in the terms, can be read.
    function publishAgreement(Terms calldata terms, string calldata agreementURI) external;

    /// @notice The arbiter rules on everything that remains, before the arbiter's deadline.
    /// @dev Errors: {WrongState}, {WindowClosed}, {AmountOutOfRange}. What remains cannot change during a dispute.
    /// @param toBuyer What the buyer gets; the payees get the rest.
    function resolve(Terms calldata terms, uint256 toBuyer) external;

    /// @notice Carries out an action that a party, or the arbiter, has signed. The EIP-712 types are
    /// `Deliver|Release|Refund(bytes32 id,uint256 sequence,uint256 deadline)`,
    /// `ReleasePartial|RefundPartial|Resolve(bytes32 id,uint256 amount,uint256 sequence,uint256 deadline)` and
    /// `Dispute|SubmitEvidence|PublishAgreement(bytes32 id,string uri,uint256 sequence,uint256 deadline)`.
    /// @dev Errors: {SequenceMismatch}, {SignatureExpired}, {InvalidSignature}, {KeyNotAuthorized}, and the action's.
    function execute(Terms calldata terms, Action calldata action, Authorization calldata authorization) external;

    // Time-outs

    /// @notice Carries out what time has decided; anybody may call, and gets the tip, if the terms have one.
    /// @dev Errors: {NotDue}, {InsufficientGas}.
    function expire(Terms calldata terms) external;

    /// @notice {expire} for many. Items that are not due, or fail, are skipped with {ExpirationSkipped}.
    /// @dev Errors: {BatchTooLarge}, {InsufficientGas} (so that gas estimates are honest).
    /// @return processed How many have expired.
    function processExpirations(Terms[] calldata terms) external returns (uint256 processed);

    /// @notice One item of {processExpirations}; only the contract itself may call it.
    function expireFromBatch(address caller, Terms calldata terms) external;

    // Credits

    /// @notice Pays all of the caller's credit in a token to `to`.
    /// @dev Errors: {NothingToClaim}, {ClaimFailed}, {InvalidAccount}.
    function claim(address token, address to) external;

    /// @notice {claim} for an account that has signed
    /// `Claim(address account,address token,address to,uint256 nonce,uint256 deadline)`.
    function claimFor(address account, address token, address to, Authorization calldata authorization) external;

    /// @notice What an account may claim in a token.
    function claimable(address token, address account) external view returns (uint256);

    // Keys

    /// @notice Lets an ERC-7913 signer (verifier address and key, or 20 bytes of an account) sign for the caller.
    /// @param validUntil Last Unix second at which it may; zero revokes.
    function authorizeKey(bytes calldata signer, uint256 validUntil) external;

    /// @notice {authorizeKey} for an account that has itself signed
    /// `AuthorizeKey(address account,bytes signer,uint256 validUntil,uint256 nonce,uint256 deadline)`.
    function authorizeKeyFor(
        address account,
        bytes calldata signer,
        uint256 validUntil,
        Authorization calldata authorization
    ) external;

    /// @notice Last Unix second at which the signer with this keccak256 may sign for the account; zero: it may not.
    function keyValidUntil(address account, bytes32 key) external view returns (uint256);

    // Views

    /// @notice The id that these terms have here.
    function idOf(Terms calldata terms) external view returns (EscrowId);

    /// @notice Where an escrow stands. Reverts during an operation, so that nobody reads a state in the making.
    function escrowOf(EscrowId id) external view returns (EscrowView memory);

    /// @notice Unix second from which {expire} is possible; zero if the escrow is not open. Reverts during an operation.
    function dueAt(Terms calldata terms) external view returns (uint256);
}
