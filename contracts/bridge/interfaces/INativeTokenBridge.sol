// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILockingTokenBridge} from "./ILockingTokenBridge.sol";

/// @title The way of a chain's native currency to other chains
/// @notice The token is the currency's wrapper. `crosschainTransfer` takes it by approval as any other; what comes home is paid unwrapped.
interface INativeTokenBridge is ILockingTokenBridge {
    /// @notice The recipient did not take native currency (within {NATIVE_GAS}) and was given the wrapped token instead.
    event PaidWrapped(address indexed to, uint256 amount);

    /// @notice Native currency comes in through {crosschainTransferNative} only. Nothing was taken.
    error NotTheWrapper(address sender, address wrapper);
    /// @notice The transaction leaves too little gas to let the recipient react to its payment. Nothing was paid.
    error InsufficientGas(uint256 available, uint256 required);

    /// @notice The gas that a recipient of native currency may spend: enough for a wallet behind a proxy.
    function NATIVE_GAS() external view returns (uint256);

    /// @notice Brings the value of the call, without its dust, to `to`, an ERC-7930 address. The dust is returned.
    /// @return sendId The id of the message that carries it.
    function crosschainTransferNative(bytes calldata to) external payable returns (bytes32 sendId);
}
