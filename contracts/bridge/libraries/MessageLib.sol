// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LaneId, Message, MessageId} from "../types/Message.sol";

/// @title Ids of lanes and messages, and the accumulator over a lane
/// @notice The TypeScript equal is `relayer/domain/message.ts`; a test holds the two to the same bytes.
library MessageLib {
    /// @dev Separates lane ids from every other hash of the protocol.
    bytes32 internal constant LANE_TYPEHASH = keccak256(
        "dchat.Lane/1(uint256 originChainId,address outbox,uint256 destinationChainId)"
    );

    /// @dev Separates message ids from every other hash of the protocol.
    bytes32 internal constant MESSAGE_TYPEHASH = keccak256(
        "dchat.Message/1(bytes32 lane,uint64 nonce,address sender,address recipient,uint64 gasLimit,bytes payload)"
    );

    /// @notice The lane from `outbox` on `originChainId` to `destinationChainId`.
    function laneId(uint256 originChainId, address outbox, uint256 destinationChainId) internal pure returns (LaneId) {
        return LaneId.wrap(keccak256(abi.encode(LANE_TYPEHASH, originChainId, outbox, destinationChainId)));
    }

    /// @notice The id of the `nonce`-th message of `lane` (the first has nonce 1).
    function messageId(
        LaneId lane,
        uint64 nonce,
        address sender,
        address recipient,
        uint64 gasLimit,
        bytes calldata payload
    ) internal pure returns (MessageId id) {
        bytes32 typehash = MESSAGE_TYPEHASH;
        // keccak256(abi.encode(typehash, lane, nonce, sender, recipient, gasLimit, keccak256(payload))), behind the free
        // memory pointer: first the payload, then the seven words in its place.
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, payload.offset, payload.length)
            let payloadHash := keccak256(data, payload.length)
            mstore(data, typehash)
            mstore(add(data, 0x20), lane)
            mstore(add(data, 0x40), nonce)
            mstore(add(data, 0x60), sender)
            mstore(add(data, 0x80), recipient)
            mstore(add(data, 0xa0), gasLimit)
            mstore(add(data, 0xc0), payloadHash)
            id := keccak256(data, 0xe0)
        }
    }

    /// @notice {messageId} of a message as it travels in calldata.
    function messageId(LaneId lane, uint64 nonce, Message calldata message) internal pure returns (MessageId) {
        return messageId(lane, nonce, message.sender, message.recipient, message.gasLimit, message.payload);
    }

    /// @notice acc(n) = keccak256(acc(n-1), messageId(n)), with acc(0) = 0.
    function fold(bytes32 accumulator, MessageId id) internal pure returns (bytes32 next) {
        // keccak256(abi.encode(accumulator, id)) in the 64 bytes of scratch space.
        assembly ("memory-safe") {
            mstore(0x00, accumulator)
            mstore(0x20, id)
            next := keccak256(0x00, 0x40)
        }
    }
}
