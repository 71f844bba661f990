// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Message, MessageId} from "../types/Message.sol";
import {Quorum} from "../types/ValidatorSet.sol";
import {IValidatorSets} from "./IValidatorSets.sol";

/// @notice A chain from which an Inbox accepts messages.
/// @param chainId Its EIP-155 id.
/// @param outbox The one Outbox there whose lane counts.
struct Origin {
    uint256 chainId;
    address outbox;
}

/// @title The destination side of the bridge
/// @notice Accepts messages that a quorum of validators attested to, in the order of their lane and each exactly once, and
/// calls their recipients. A message whose call fails is kept for anybody to retry; it never holds up the lane.
/// Holds no value. A guardian can stop deliveries for a while ({IGuarded}); nobody can make one.
/// @dev The sender of a message reaches its recipient as an ERC-7930 address; the receive id is the {MessageId}.
interface IInbox is IValidatorSets {
    /// @notice The lane from `originChainId` was extended to `nonce` on the word of a quorum of `epoch`.
    /// @param signers Who attested: bit i is member i of the epoch's set.
    event LaneAccepted(
        uint256 indexed originChainId,
        uint64 indexed nonce,
        uint64 epoch,
        bytes32 accumulator,
        uint256 signers
    );

    /// @notice The message was executed; it cannot be executed again.
    event MessageExecuted(MessageId indexed messageId, uint256 indexed originChainId, uint64 indexed nonce);

    /// @notice The recipient did not accept the message. It is kept, and {retry} executes it.
    /// @param reason The first bytes (at most 256) of what the recipient reverted with; empty where it has no code.
    event MessageFailed(MessageId indexed messageId, uint256 indexed originChainId, uint64 indexed nonce, bytes reason);

    /// @notice An origin is this chain, is listed twice, has no Outbox, or its Outbox is the registry of sets. The Inbox was not deployed.
    error InvalidOrigin(uint256 chainId, address outbox);
    /// @notice This Inbox accepts nothing from `chainId`.
    error UnknownOrigin(uint256 chainId);
    /// @notice The batch does not begin where the lane stands: it was delivered already, or messages before it are missing.
    error NonceMismatch(uint64 actual, uint64 expected);
    /// @notice A delivery needs at least one message.
    error EmptyBatch();
    /// @notice The transaction leaves too little gas to give the message what its sender named; nothing was delivered.
    error InsufficientGas(uint256 available, uint256 required);
    /// @notice Nothing failed is kept under this id: it was executed, or never delivered, or the message differs.
    error NotRetryable(MessageId messageId);
    /// @notice The recipient refused the message again; it stays kept.
    error RetryFailed(MessageId messageId, bytes reason);

    /// @notice Delivers the messages `firstNonce` … of the lane from `originChainId`, all of them or none.
    /// @param originChainId The chain where they were sent.
    /// @param firstNonce The nonce of `messages[0]`; must be the one after the last accepted.
    /// @param messages At least one, in order.
    /// @param later The ids of the messages between the last of `messages` and the attested point, in order. Lets a batch
    /// end anywhere below the point that validators signed; usually empty.
    /// @param quorum Of the current epoch, or of the one before during its overlap, over the attestation of the last id folded.
    function deliver(
        uint256 originChainId,
        uint64 firstNonce,
        Message[] calldata messages,
        MessageId[] calldata later,
        Quorum calldata quorum
    ) external;

    /// @notice Executes a message whose execution failed before. Anybody may call it; the gas limit that the sender named is a
    /// floor: all that the caller gives is passed on, so that a message which named too little is not lost.
    /// @param nonce The message's place in the lane from `originChainId`.
    function retry(uint256 originChainId, uint64 nonce, Message calldata message) external;

    /// @notice How far the lane from `originChainId` was accepted.
    /// @return nonce The last nonce accepted, 0 before the first.
    /// @return accumulator acc(nonce), 0 before the first.
    function lanes(uint256 originChainId) external view returns (uint64 nonce, bytes32 accumulator);

    /// @notice The Outbox whose lane from `originChainId` counts; zero for a chain that is not accepted.
    function outboxes(uint256 originChainId) external view returns (address);

    /// @notice Whether the message failed and waits for {retry}.
    function isFailed(MessageId messageId) external view returns (bool);
}
