// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeERC7802} from "@openzeppelin/contracts/crosschain/bridges/BridgeERC7802.sol";
import {BridgeFungible} from "@openzeppelin/contracts/crosschain/bridges/abstract/BridgeFungible.sol";
import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {TokenBridgeConfig} from "./interfaces/ITokenBridge.sol";
import {TokenBridge} from "./TokenBridge.sol";

/// @title The side where the token is a guest: mints what was locked at home, burns what goes back
contract MintingTokenBridge is TokenBridge, BridgeERC7802 {
    constructor(
        IERC7802 token_,
        TokenBridgeConfig memory config,
        Link[] memory links
    ) BridgeERC7802(token_) TokenBridge(address(token_), config, links) {}

    function _crosschainTransfer(
        address from,
        bytes memory to,
        uint256 amount
    ) internal override(TokenBridge, BridgeFungible) returns (bytes32) {
        return TokenBridge._crosschainTransfer(from, to, amount);
    }

    function _processMessage(
        address gateway,
        bytes32 receiveId,
        bytes calldata sender,
        bytes calldata payload
    ) internal override(TokenBridge, BridgeFungible) {
        TokenBridge._processMessage(gateway, receiveId, sender, payload);
    }

    function _isAuthorizedGateway(
        address instance,
        bytes calldata sender
    ) internal view override(TokenBridge, CrosschainLinked) returns (bool) {
        return TokenBridge._isAuthorizedGateway(instance, sender);
    }
}
