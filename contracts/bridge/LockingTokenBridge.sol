// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeERC20} from "@openzeppelin/contracts/crosschain/bridges/BridgeERC20.sol";
import {BridgeFungible} from "@openzeppelin/contracts/crosschain/bridges/abstract/BridgeFungible.sol";
import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TokenBridge} from "./TokenBridge.sol";

/// @title The side where the token was born: locks on the way out, unlocks on the way home
/// @notice What it holds is what the other sides may mint: nobody can withdraw it but a message of theirs.
contract LockingTokenBridge is TokenBridge, BridgeERC20 {
    constructor(IERC20 token_, address inbox, Link[] memory links) BridgeERC20(token_) TokenBridge(inbox, links) {
        _requireCode(address(token_));
    }

    /// @dev Takes custody, and refuses a token that hands over less than it says: the other side would mint the difference.
    function _onSend(address from, uint256 amount) internal override(BridgeERC20, BridgeFungible) {
        uint256 before = token().balanceOf(address(this));
        super._onSend(from, amount);
        uint256 received = token().balanceOf(address(this)) - before;
        require(received == amount, BalanceDelta(received, amount));
    }

    function _crosschainTransfer(
        address from,
        bytes memory to,
        uint256 amount
    ) internal override(TokenBridge, BridgeFungible) returns (bytes32) {
        return TokenBridge._crosschainTransfer(from, to, amount);
    }

    function _isAuthorizedGateway(
        address instance,
        bytes calldata sender
    ) internal view override(TokenBridge, CrosschainLinked) returns (bool) {
        return TokenBridge._isAuthorizedGateway(instance, sender);
    }
}
