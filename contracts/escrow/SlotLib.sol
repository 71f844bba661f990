// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowView, Slot, State} from "./EscrowTypes.sol";

/// @title The one storage slot of an escrow
/// @dev From the lowest bit: state 8, milestone 8, since 40, buyer's sequence 32, seller's sequence 32, unused 8,
/// remaining 128. A slot that was written once is never zero again, so that an id is never used twice.
library SlotLib {
    uint256 private constant STATE_MASK = 0xff;
    uint256 private constant OPEN_STATES = uint256(State.Disputed) - uint256(State.Locked);
    uint256 private constant MILESTONE_SHIFT = 8;
    uint256 private constant SINCE_SHIFT = 16;
    uint256 private constant SINCE_MASK = 0xffffffffff;
    uint256 private constant BUYER_SEQUENCE_SHIFT = 56;
    uint256 private constant SELLER_SEQUENCE_SHIFT = 88;
    uint256 private constant SEQUENCE_MASK = 0xffffffff;
    uint256 private constant REMAINING_SHIFT = 128;

    /// @dev A new escrow. `time` fits 40 bits until the year 36812.
    function locked(uint128 amount, uint256 time) internal pure returns (Slot) {
        return Slot.wrap((uint256(amount) << REMAINING_SHIFT) | (time << SINCE_SHIFT) | uint256(State.Locked));
    }

    function state(Slot slot) internal pure returns (State) {
        return State(Slot.unwrap(slot) & STATE_MASK);
    }

    function isIn(Slot slot, State expected) internal pure returns (bool) {
        return Slot.unwrap(slot) & STATE_MASK == uint256(expected);
    }

    /// @dev The open states are 1 to 3; zero wraps around to the largest number.
    function isOpen(Slot slot) internal pure returns (bool) {
        unchecked {
            return (Slot.unwrap(slot) & STATE_MASK) - uint256(State.Locked) <= OPEN_STATES;
        }
    }

    function milestone(Slot slot) internal pure returns (uint256) {
        return (Slot.unwrap(slot) >> MILESTONE_SHIFT) & 0xff;
    }

    function since(Slot slot) internal pure returns (uint256) {
        return (Slot.unwrap(slot) >> SINCE_SHIFT) & SINCE_MASK;
    }

    function buyerSequence(Slot slot) internal pure returns (uint256) {
        return (Slot.unwrap(slot) >> BUYER_SEQUENCE_SHIFT) & SEQUENCE_MASK;
    }

    function sellerSequence(Slot slot) internal pure returns (uint256) {
        return (Slot.unwrap(slot) >> SELLER_SEQUENCE_SHIFT) & SEQUENCE_MASK;
    }

    function remaining(Slot slot) internal pure returns (uint256) {
        return Slot.unwrap(slot) >> REMAINING_SHIFT;
    }

    /// @dev The same escrow in another state, beginning at `time`.
    function enter(Slot slot, State next, uint256 time) internal pure returns (Slot) {
        uint256 kept = Slot.unwrap(slot) & ~(STATE_MASK | (SINCE_MASK << SINCE_SHIFT));
        return Slot.wrap(kept | (time << SINCE_SHIFT) | uint256(next));
    }

    /// @dev `amount` must not be above {remaining}: every caller has checked it or derived it from {remaining}.
    function spend(Slot slot, uint256 amount) internal pure returns (Slot) {
        unchecked {
            return Slot.wrap(Slot.unwrap(slot) - (amount << REMAINING_SHIFT));
        }
    }

    /// @dev The tombstone: a final state with nothing left.
    function close(Slot slot, State final_, uint256 time) internal pure returns (Slot) {
        return enter(spend(slot, remaining(slot)), final_, time);
    }

    /// @dev The next milestone, locked. There are at most 50, so the index cannot leave its 8 bits.
    function advance(Slot slot, uint256 time) internal pure returns (Slot) {
        unchecked {
            return bumpBoth(enter(Slot.wrap(Slot.unwrap(slot) + (1 << MILESTONE_SHIFT)), State.Locked, time));
        }
    }

    /// @dev A sequence would leave its 32 bits after 2^32 transactions on one escrow, which is out of reach: they would
    /// fill millions of blocks.
    function bumpBuyer(Slot slot) internal pure returns (Slot) {
        unchecked {
            return Slot.wrap(Slot.unwrap(slot) + (1 << BUYER_SEQUENCE_SHIFT));
        }
    }

    /// @dev See {bumpBuyer}.
    function bumpSeller(Slot slot) internal pure returns (Slot) {
        unchecked {
            return Slot.wrap(Slot.unwrap(slot) + (1 << SELLER_SEQUENCE_SHIFT));
        }
    }

    function bumpBoth(Slot slot) internal pure returns (Slot) {
        return bumpSeller(bumpBuyer(slot));
    }

    function unpack(Slot slot) internal pure returns (EscrowView memory) {
        // Each getter masks to the width of its field, so that the casts lose nothing.
        return
            EscrowView({
                state: state(slot),
                milestone: uint8(milestone(slot)),
                since: uint40(since(slot)),
                buyerSequence: uint32(buyerSequence(slot)),
                sellerSequence: uint32(sellerSequence(slot)),
                remaining: uint128(remaining(slot))
            });
    }
}
