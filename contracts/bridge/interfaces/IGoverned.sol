// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Parameters that a timelock sets
interface IGoverned {
    /// @notice Governance has no code. The contract was not deployed.
    error GovernanceWithoutCode(address governance);
    /// @notice Only governance may do this. Nothing was changed.
    error NotGovernance(address caller, address governance);

    /// @notice The timelock that sets parameters.
    function GOVERNANCE() external view returns (address);
}
