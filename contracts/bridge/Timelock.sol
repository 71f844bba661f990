// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The governance of the bridge's contracts
/// @notice OpenZeppelin's timelock without an administrator: what it does was on view for the delay, and so is every change of its
/// own delay and roles.
contract Timelock is TimelockController {
    /// @param delay In seconds.
    /// @param proposers Who may schedule and cancel; accounts that need several signatures.
    /// @param executors Who may execute what has waited long enough; the zero address is everybody.
    constructor(
        uint256 delay,
        address[] memory proposers,
        address[] memory executors
    ) TimelockController(delay, proposers, executors, address(0)) {}
}
