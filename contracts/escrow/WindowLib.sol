// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Milestone, Silence, Slot, State, Terms} from "./EscrowTypes.sol";
import {TermsLib} from "./TermsLib.sol";

/// @title Deadlines, and what a time-out pays
/// @dev Windows are half-open: before {dueAt} the parties may act, from {dueAt} on anybody may push the time-out.
library WindowLib {
    using TermsLib for Terms;

    /// @dev Unix second from which the escrow's state can time out; zero for an escrow that is not open.
    function dueAt(Terms calldata terms, Slot slot) internal pure returns (uint256) {
        if (slot.isIn(State.AwaitingRelease)) return reviewEnd(terms, slot);
        if (slot.isIn(State.Locked)) return deliverBy(terms, slot.milestone());
        if (slot.isIn(State.Disputed)) return terms.rules.arbiterBy();
        return 0;
    }

    /// @dev For an open escrow: {dueAt}, and what the time-out pays then, tips included. Undelivered: all to the buyer.
    /// Review over: by the policy, the current milestone to the payees or all to the buyer. Arbiter silent: the default
    /// split.
    function timeout(
        Terms calldata terms,
        Slot slot
    ) internal pure returns (uint256 due, uint256 toPayees, uint256 toBuyer) {
        uint256 remaining = slot.remaining();
        if (slot.isIn(State.AwaitingRelease)) {
            due = reviewEnd(terms, slot);
            if (terms.rules.onSilence() == Silence.PaysSeller) return (due, milestoneDue(terms, slot), 0);
        } else if (slot.isIn(State.Locked)) {
            due = deliverBy(terms, slot.milestone());
        } else {
            due = terms.rules.arbiterBy();
            toPayees = portion(remaining, terms.rules.defaultSplit());
        }
        // The default split is a whole at most.
        unchecked {
            toBuyer = remaining - toPayees;
        }
    }

    /// @dev The delivery deadline of a milestone.
    function deliverBy(Terms calldata terms, uint256 milestone) internal pure returns (uint256) {
        Milestone[] calldata milestones = terms.milestonesOf();
        return milestones.length == 0 ? terms.rules.deliverBy() : milestones[milestone].deliverBy();
    }

    /// @dev What the current milestone still pays: whatever the later ones do not need. Partial releases and refunds
    /// therefore come out of the current milestone first. Without milestones, everything.
    function milestoneDue(Terms calldata terms, Slot slot) internal pure returns (uint256) {
        uint256 remaining = slot.remaining();
        Milestone[] calldata milestones = terms.milestonesOf();
        if (milestones.length == 0) return remaining;
        uint256 later = 0;
        for (uint256 i = slot.milestone() + 1; i < milestones.length; ++i) {
            later += milestones[i].amount();
        }
        return later < remaining ? remaining - later : 0;
    }

    /// @dev `share` basis points of `amount`, rounded down. Both callers' amounts are below 2^128, shares below 2^96.
    function portion(uint256 amount, uint256 share) internal pure returns (uint256) {
        unchecked {
            return (amount * share) / TermsLib.WHOLE;
        }
    }

    /// @dev When the review of a delivered milestone is over. The sum of two 40-bit numbers.
    function reviewEnd(Terms calldata terms, Slot slot) internal pure returns (uint256) {
        unchecked {
            return slot.since() + terms.rules.reviewFor();
        }
    }
}
