// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786GatewaySource, IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";

/// @title Stands for the Outbox and the Inbox of a chain, and delivers whatever it is told to
contract LoopbackGateway is IERC7786GatewaySource {
    /// @notice What a message carried, by its place.
    mapping(uint256 nonce => bytes payload) public payloads;
    /// @notice Where a message went to, by its place.
    mapping(uint256 nonce => bytes recipient) public recipients;
    /// @notice How many were sent.
    uint256 public count;

    error WrongAnswer(bytes4 answer);

    function sendMessage(
        bytes calldata recipient,
        bytes calldata payload,
        bytes[] calldata attributes
    ) external payable returns (bytes32 sendId) {
        ++count;
        payloads[count] = payload;
        recipients[count] = recipient;
        sendId = keccak256(abi.encode(address(this), count));
        emit MessageSent(sendId, abi.encodePacked(msg.sender), recipient, payload, msg.value, attributes);
    }

    /// @notice Calls `recipient` as the Inbox does, in a batch.
    /// @return gasUsed What each call cost.
    function deliverAll(
        address recipient,
        bytes32[] calldata receiveIds,
        bytes calldata sender,
        bytes[] calldata payload
    ) external returns (uint256[] memory gasUsed) {
        gasUsed = new uint256[](receiveIds.length);
        for (uint256 i = 0; i < receiveIds.length; ++i) {
            gasUsed[i] = gasleft();
            deliver(recipient, receiveIds[i], sender, payload[i]);
            gasUsed[i] -= gasleft();
        }
    }

    function supportsAttribute(bytes4) external pure returns (bool) {
        return false;
    }

    /// @notice Calls `recipient` as the Inbox does.
    function deliver(address recipient, bytes32 receiveId, bytes calldata sender, bytes calldata payload) public {
        bytes4 answer = IERC7786Recipient(recipient).receiveMessage(receiveId, sender, payload);
        require(answer == IERC7786Recipient.receiveMessage.selector, WrongAnswer(answer));
    }
}
