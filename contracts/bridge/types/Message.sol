// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Names an ordered lane: one origin chain's Outbox towards one destination chain. See {MessageLib-laneId}.
type LaneId is bytes32;

/// @dev Names one message: its lane, its place in the lane and its whole content. See {MessageLib-messageId}.
type MessageId is bytes32;

/// @notice What travels in a delivery's calldata. Lane and nonce are not repeated: the Inbox knows them.
/// @param sender The account that called {IERC7786GatewaySource-sendMessage} on the origin.
/// @param recipient The contract that is called on the destination.
/// @param gasLimit The gas that the recipient's call is given, no more and no less.
/// @param payload What the recipient receives, at most {IOutbox-MAX_PAYLOAD_BYTES} bytes.
struct Message {
    address sender;
    address recipient;
    uint64 gasLimit;
    bytes payload;
}
