// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "./interfaces/IGoverned.sol";

/// @title Parameters that a timelock sets
/// @notice See {IGoverned}.
abstract contract Governed is IGoverned {
    /// @inheritdoc IGoverned
    address public immutable GOVERNANCE;

    modifier onlyGovernance() {
        require(msg.sender == GOVERNANCE, NotGovernance(msg.sender, GOVERNANCE));
        _;
    }

    /// @param governance A timelock: must have code, so that no single key is it by mistake.
    constructor(address governance) {
        require(governance.code.length > 0, GovernanceWithoutCode(governance));
        GOVERNANCE = governance;
    }
}
