// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title The native currency as a token, one to one, in the manner of WETH9
interface IWrappedNative is IERC20 {
    /// @notice Wraps the value of the call.
    function deposit() external payable;

    /// @notice Unwraps `amount` of the caller's tokens and sends it that much native currency.
    function withdraw(uint256 amount) external;
}
