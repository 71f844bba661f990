// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {INativeTokenBridge} from "./interfaces/INativeTokenBridge.sol";
import {TokenBridgeConfig} from "./interfaces/ITokenBridge.sol";
import {IWrappedNative} from "./interfaces/IWrappedNative.sol";
import {LockingTokenBridge} from "./LockingTokenBridge.sol";

/// @title The side where the native currency was born: wraps and locks on the way out, unlocks and unwraps on the way home
/// @notice See {INativeTokenBridge}.
contract NativeTokenBridge is INativeTokenBridge, LockingTokenBridge {
    using SafeERC20 for IWrappedNative;

    /// @inheritdoc INativeTokenBridge
    uint256 public constant NATIVE_GAS = 30_000;
    /// @dev What must be left for the recipient to get all of it: EIP-150 passes on 63 of 64 parts of what remains after the costs
    /// of the call: a cold account (2,600), value (9,000), a new account (25,000) and the instructions around it.
    uint256 private constant NATIVE_REQUIRED = NATIVE_GAS + NATIVE_GAS / 63 + 38_000;

    IWrappedNative private immutable WRAPPER;

    /// @param wrapper The wrapped native currency of this chain.
    constructor(
        IWrappedNative wrapper,
        TokenBridgeConfig memory config,
        Link[] memory links
    ) LockingTokenBridge(wrapper, config, links) {
        WRAPPER = wrapper;
    }

    /// @dev What the wrapper unwraps.
    receive() external payable {
        require(msg.sender == address(WRAPPER), NotTheWrapper(msg.sender, address(WRAPPER)));
    }

    /// @inheritdoc INativeTokenBridge
    function crosschainTransferNative(
        bytes calldata to
    ) external payable nonReentrant whenNotPaused returns (bytes32 sendId) {
        (uint256 chainId, address account, uint128 shared) = _admit(to, msg.value);
        uint256 amount = _toUnits(shared);
        uint256 before = _balance();
        _lock(shared);
        WRAPPER.deposit{value: amount}();
        uint256 wrapped = _balance() - before;
        require(wrapped == amount, BalanceDelta(wrapped, amount));
        sendId = _dispatch(msg.sender, chainId, to, account, shared);
        if (msg.value > amount) _payNative(msg.sender, msg.value - amount);
    }

    function _onReceive(address to, uint256 amount) internal override {
        WRAPPER.withdraw(amount);
        _payNative(to, amount);
    }

    /// @dev Never blocks and never loses: who does not take native currency gets the token.
    function _payNative(address to, uint256 amount) private {
        uint256 left = gasleft();
        require(left >= NATIVE_REQUIRED, InsufficientGas(left, NATIVE_REQUIRED));
        bool paid;
        // No return data is copied, whatever its size.
        assembly ("memory-safe") {
            paid := call(NATIVE_GAS, to, amount, 0, 0, 0, 0)
        }
        if (paid) return;
        emit PaidWrapped(to, amount);
        WRAPPER.deposit{value: amount}();
        WRAPPER.safeTransfer(to, amount);
    }
}
