// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITokenBridge} from "./ITokenBridge.sol";

/// @title The side where the token was born
/// @notice A fee on transfer is borne by whom the tokens move for: what arrives in custody is what crosses, and what leaves it may reach the
/// recipient diminished. The token's own rebasing neither adds to {locked} nor is taken from it: after a rebase downwards the
/// last to come home find too little, fail, and can be retried.
interface ILockingTokenBridge is ITokenBridge {
    /// @notice A message claims more shared units than are locked here. Nothing was paid.
    error AboveLocked(uint256 amount, uint256 locked);

    /// @notice What was locked here and not unlocked since, in shared units: no more than this can ever leave. Tokens that come
    /// in any other way stay out of it.
    function locked() external view returns (uint128);
}
