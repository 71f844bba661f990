// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageId} from "../types/Message.sol";
import {IOutbox} from "./IOutbox.sol";

/// @title Says what a lane's accumulator truly was
/// @notice On every origin chain, one beside the Outbox. The Outbox keeps only the head of each lane; the accumulators before it are
/// established here by folding backwards: acc(k) = keccak256(acc(k-1), id(k)) has one preimage only, so that whoever gives an acc(n)
/// and the ids n+1 … k which fold to a known acc(k) has given the true ones. Each acc(n) established is a starting point for the
/// next proof, so that a history of any length can be proven over several transactions. Anybody may prove; nobody can lie.
interface ILaneWitness {
    /// @notice acc(`nonce`) of the lane to `destinationChainId` is established for good.
    event AccumulatorKnown(uint256 indexed destinationChainId, uint64 indexed nonce, bytes32 accumulator);
    /// @notice A fact went to the home chain. Without a `signatureHash` it is acc(`nonce`); with one, that the lane had not come to
    /// `nonce` when these bytes existed already.
    event FactReported(
        uint256 indexed destinationChainId,
        uint64 indexed nonce,
        bytes32 accumulator,
        bytes32 signatureHash,
        bytes32 sendId
    );

    /// @notice The Outbox or the slashing contract is missing. The witness was not deployed.
    error InvalidWitness(address outbox, address slashing);
    /// @notice The ids do not lead from the accumulator given to the one known at `nonce`.
    error NotFolding(uint64 nonce, bytes32 actual, bytes32 expected);
    /// @notice acc(`nonce`) is not established yet: {prove} it.
    error NotKnown(uint256 destinationChainId, uint64 nonce);
    /// @notice The lane has come to `nonce` (`head` is its last).
    error LaneReached(uint64 nonce, uint64 head);
    /// @notice The lane has not come to `nonce` (`head` is its last).
    error LaneNotReached(uint64 nonce, uint64 head);

    /// @notice Establishes the head of the lane to `destinationChainId`.
    function observe(uint256 destinationChainId) external returns (uint64 nonce, bytes32 accumulator);

    /// @notice Establishes acc(`nonce`).
    /// @param accumulator What it is said to be.
    /// @param later The message ids nonce + 1 … k; at k the lane has its head, or an accumulator that is known.
    function prove(uint256 destinationChainId, uint64 nonce, bytes32 accumulator, MessageId[] calldata later) external;

    /// @notice Sends acc(`nonce`), which must be known, to the home chain.
    function report(uint256 destinationChainId, uint64 nonce) external returns (bytes32 sendId);

    /// @notice Sends home that the lane has not come to `nonce` although a signature exists that says so. Its hash binds the fact to that
    /// signature: one that is made later, when the lane has come so far, is another.
    /// @param signatureHash keccak256 of the signature's bytes as they will be in the evidence.
    function reportUnreached(
        uint256 destinationChainId,
        uint64 nonce,
        bytes32 signatureHash
    ) external returns (bytes32 sendId);

    /// @notice The Outbox whose lanes these are.
    function OUTBOX() external view returns (IOutbox);

    /// @notice The home chain's EIP-155 id.
    function HOME_CHAIN_ID() external view returns (uint256);

    /// @notice The slashing contract on the home chain.
    function SLASHING() external view returns (address);

    /// @notice acc(`nonce`); zero when the lane has not come so far. Reverts when it has but acc(`nonce`) is not established.
    function accumulatorAt(uint256 destinationChainId, uint64 nonce) external view returns (bytes32);
}
