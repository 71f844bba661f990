// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Milestone} from "./EscrowTypes.sol";

/// @title A milestone in one word
/// @dev From the lowest bit: amount 128 (token's smallest unit), deliverBy 40 (Unix seconds); the rest is zero.
library MilestoneLib {
    function amount(Milestone milestone) internal pure returns (uint256) {
        return Milestone.unwrap(milestone) & type(uint128).max;
    }

    /// @dev The upper bits are kept: {TermsLib} refuses a deadline above 40 bits together with every other late one.
    function deliverBy(Milestone milestone) internal pure returns (uint256) {
        return Milestone.unwrap(milestone) >> 128;
    }
}
