// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786GatewaySource} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {LaneId, MessageId} from "../types/Message.sol";

/// @title The origin side of the bridge
/// @notice Takes messages for other chains and puts them in order: per destination a nonce and an accumulator over the
/// ids of all messages so far. Holds no value. A guardian can stop sending for a while ({IGuarded}).
/// @dev ERC-7786 source. `sendMessage` takes the recipient as a canonical ERC-7930 address (version 1, EVM, chain reference
/// without leading zeros, 20-byte address, nothing after it). The send id is the {MessageId}. The one supported attribute is
/// `gasLimit(uint256)`.
interface IOutbox is IERC7786GatewaySource {
    /// @notice A message took its place in a lane.
    /// @param destinationChainId The EIP-155 id of the chain that it goes to.
    /// @param nonce Its place, from 1, without gaps.
    /// @param messageId Its id; the same as the `sendId` of {MessageSent} in the log before.
    /// @param accumulator acc(nonce), what validators attest to.
    event LaneAdvanced(
        uint256 indexed destinationChainId,
        uint64 indexed nonce,
        MessageId indexed messageId,
        bytes32 accumulator
    );

    /// @notice The recipient is no canonical ERC-7930 address of an EVM account. Nothing was sent.
    error InvalidRecipient(bytes recipient);
    /// @notice The recipient is on this very chain. Nothing was sent.
    error DestinationIsOrigin(uint256 chainId);
    /// @notice The bridge carries no native currency with a message; `value` was refused. Nothing was sent.
    error ValueNotSupported(uint256 value);
    /// @notice The payload has more bytes than {MAX_PAYLOAD_BYTES}. Nothing was sent.
    error PayloadTooLong(uint256 length, uint256 most);
    /// @notice The gas limit is outside {MIN_GAS_LIMIT} and {MAX_GAS_LIMIT}. Nothing was sent.
    error GasLimitOutOfRange(uint256 gasLimit, uint256 least, uint256 most);
    /// @notice An attribute of 4 + 32 bytes was expected, or one was given twice. Nothing was sent.
    error MalformedAttribute(bytes attribute);

    /// @notice The most bytes that a payload may have, so that every message fits into a delivery.
    function MAX_PAYLOAD_BYTES() external view returns (uint256);

    /// @notice The least execution gas that a message may name.
    function MIN_GAS_LIMIT() external view returns (uint64);

    /// @notice The most execution gas that a message may name, so that every message fits into a transaction.
    function MAX_GAS_LIMIT() external view returns (uint64);

    /// @notice The execution gas of a message that names none.
    function DEFAULT_GAS_LIMIT() external view returns (uint64);

    /// @notice The lane from this Outbox to `destinationChainId`.
    function laneTo(uint256 destinationChainId) external view returns (LaneId);

    /// @notice How far the lane to `destinationChainId` has come.
    /// @return nonce The nonce of the last message, 0 before the first.
    /// @return accumulator acc(nonce), 0 before the first.
    function lanes(uint256 destinationChainId) external view returns (uint64 nonce, bytes32 accumulator);
}
