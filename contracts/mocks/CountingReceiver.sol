// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";

/// @title Accepts every message and counts them
contract CountingReceiver is IERC7786Recipient {
    uint256 public count;
    bytes32 public lastReceiveId;
    bytes public lastSender;
    bytes public lastPayload;
    uint256 public lastGas;

    function receiveMessage(
        bytes32 receiveId,
        bytes calldata sender,
        bytes calldata payload
    ) external payable returns (bytes4) {
        lastGas = gasleft();
        ++count;
        (lastReceiveId, lastSender, lastPayload) = (receiveId, sender, payload);
        return IERC7786Recipient.receiveMessage.selector;
    }
}
