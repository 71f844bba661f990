// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rules, Silence} from "./EscrowTypes.sol";

/// @title The time limits and shares of an escrow in one word
/// @dev From the lowest bit: policy on silence 8, tip 16, default split 16, arbiterBy 40, reviewFor 40, deliverBy 40,
/// salt 96. The salt sets apart escrows with otherwise equal terms. Times are Unix seconds, reviewFor is a duration in seconds, shares are basis points.
library RulesLib {
    /// @dev The escrow is undelivered from this second on.
    function deliverBy(Rules rules) internal pure returns (uint256) {
        return (Rules.unwrap(rules) >> 120) & 0xffffffffff;
    }

    /// @dev How long the buyer may look at a delivery.
    function reviewFor(Rules rules) internal pure returns (uint256) {
        return (Rules.unwrap(rules) >> 80) & 0xffffffffff;
    }

    /// @dev The arbiter is silent from this second on.
    function arbiterBy(Rules rules) internal pure returns (uint256) {
        return (Rules.unwrap(rules) >> 40) & 0xffffffffff;
    }

    /// @dev The payees' part, in basis points, when the arbiter is silent.
    function defaultSplit(Rules rules) internal pure returns (uint256) {
        return (Rules.unwrap(rules) >> 24) & 0xffff;
    }

    /// @dev The part, in basis points, of what a time-out pays that goes to whoever pushed it.
    function tip(Rules rules) internal pure returns (uint256) {
        return (Rules.unwrap(rules) >> 8) & 0xffff;
    }

    /// @dev Reverts for a policy that does not exist; creation has refused those.
    function onSilence(Rules rules) internal pure returns (Silence) {
        return Silence(Rules.unwrap(rules) & 0xff);
    }

    /// @dev Whether the policy exists.
    function isWellFormed(Rules rules) internal pure returns (bool) {
        return Rules.unwrap(rules) & 0xff <= uint256(type(Silence).max);
    }
}
