// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOutbox} from "../bridge/interfaces/IOutbox.sol";

/// @title Sends many messages in one transaction
contract BurstSender {
    function send(IOutbox outbox, bytes calldata recipient, bytes calldata payload, uint256 count) external {
        for (uint256 i = 0; i < count; ++i) outbox.sendMessage(recipient, payload, new bytes[](0));
    }
}
