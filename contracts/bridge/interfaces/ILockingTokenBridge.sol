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

    /// @notice {crosschainTransfer}, for which the caller has signed an ERC-2612 permit of just `amount` for this contract. One that somebody else
    /// has used already is as good: the allowance is there, and if it is not, the transfer says so.
    /// @param to The recipient's ERC-7930 address.
    /// @param amount In the token's smallest unit.
    /// @param deadline Until when the permit is good, in Unix seconds.
    /// @return sendId The id of the message.
    function crosschainTransferWithPermit(
        bytes calldata to,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (bytes32 sendId);

    /// @notice What was locked here and not unlocked since, in shared units: no more than this can ever leave. Tokens that come
    /// in any other way stay out of it.
    function locked() external view returns (uint128);
}
