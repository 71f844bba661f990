// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeERC20} from "@openzeppelin/contracts/crosschain/bridges/BridgeERC20.sol";
import {BridgeFungible} from "@openzeppelin/contracts/crosschain/bridges/abstract/BridgeFungible.sol";
import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILockingTokenBridge} from "./interfaces/ILockingTokenBridge.sol";
import {TokenBridgeConfig} from "./interfaces/ITokenBridge.sol";
import {TokenBridge} from "./TokenBridge.sol";

/// @title The side where the token was born: locks on the way out, unlocks on the way home
/// @notice See {ILockingTokenBridge}.
contract LockingTokenBridge is ILockingTokenBridge, TokenBridge, BridgeERC20 {
    using SafeERC20 for IERC20;

    /// @inheritdoc ILockingTokenBridge
    /// @dev Shares the slot of {delayThreshold}, which every arrival reads: counting costs little beside it.
    uint128 public locked;

    constructor(
        IERC20 token_,
        TokenBridgeConfig memory config,
        Link[] memory links
    ) BridgeERC20(token_) TokenBridge(address(token_), config, links) {}

    /// @inheritdoc ILockingTokenBridge
    function crosschainTransferWithPermit(
        bytes calldata to,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (bytes32 sendId) {
        // A token without permits may swallow the call: then there is no allowance but what the caller gave, and only the caller pays.
        try IERC20Permit(address(token())).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return crosschainTransfer(to, amount);
    }

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

    /// @dev Counts what came, never more than was asked for: whatever else moves the balance meanwhile is nobody's to bridge.
    function _take(address from, uint128 shared) internal override returns (uint128 taken) {
        uint256 amount = _toUnits(shared);
        uint256 before = _balance();
        _onSend(from, amount);
        uint256 received = Math.min(Math.saturatingSub(_balance(), before), amount);
        taken = _toShared(received);
        _lock(taken);

        uint256 kept = _toUnits(taken);
        if (received == kept) return taken;
        token().safeTransfer(from, received - kept);
        uint256 left = Math.saturatingSub(_balance(), before);
        require(left >= kept, BalanceDelta(left, kept));
    }

    function _give(address to, uint128 shared) internal override {
        require(shared <= locked, AboveLocked(shared, locked));
        locked -= shared;
        TokenBridge._give(to, shared);
    }

    /// @dev Lets out no more than was asked for, or a token that charges its sender would charge those whose tokens are here; and
    /// not nothing, or the message would be spent on a token that only says that it paid.
    function _onReceive(address to, uint256 amount) internal virtual override(BridgeERC20, BridgeFungible) {
        uint256 before = _balance();
        super._onReceive(to, amount);
        uint256 paid = Math.saturatingSub(before, _balance());
        require(paid > 0 && paid <= amount, BalanceDelta(paid, amount));
    }

    function _lock(uint128 shared) internal {
        locked += shared;
    }

    function _balance() internal view returns (uint256) {
        return token().balanceOf(address(this));
    }

    function _isAuthorizedGateway(
        address instance,
        bytes calldata sender
    ) internal view override(TokenBridge, CrosschainLinked) returns (bool) {
        return TokenBridge._isAuthorizedGateway(instance, sender);
    }
}
