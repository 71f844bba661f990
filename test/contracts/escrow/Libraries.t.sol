// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowHarness} from "../../../contracts/mocks/EscrowHarness.sol";
import {
    EscrowId,
    EscrowView,
    Milestone,
    Payee,
    Rules,
    Slot,
    State,
    Terms
} from "../../../contracts/escrow/EscrowTypes.sol";
import {SlotLib} from "../../../contracts/escrow/SlotLib.sol";
import {TermsLib} from "../../../contracts/escrow/TermsLib.sol";
import {WindowLib} from "../../../contracts/escrow/WindowLib.sol";

/// @title The escrow's libraries under random input
contract EscrowLibrariesTest {
    EscrowHarness private _harness;

    function setUp() external {
        _harness = new EscrowHarness();
    }

    /// @dev The assembly's hash is the hash of the compiler's encoding, whatever the terms.
    function testFuzzIdIsTheHashOfTheEncoding(Terms calldata terms) external view {
        uint256 most = TermsLib.MAX_MILESTONES;
        if (terms.milestones.length > most || terms.payees.length > TermsLib.MAX_PAYEES) return;
        assert(EscrowId.unwrap(_harness.toId(terms)) == _harness.referenceId(terms));
    }

    /// @dev Changing any one word changes the id.
    function testFuzzIdBindsEveryWord(Terms memory terms, uint8 field) external view {
        terms.milestones = new Milestone[](2);
        terms.payees = new Payee[](2);
        EscrowId before = _harness.toId(terms);
        uint256 which = field % 9;
        if (which == 0) terms.buyer = address(uint160(terms.buyer) ^ 1);
        if (which == 1) terms.token = address(uint160(terms.token) ^ 1);
        if (which == 2) terms.arbiter = address(uint160(terms.arbiter) ^ 1);
        if (which == 3) terms.amount ^= 1;
        if (which == 4) terms.rules = Rules.wrap(Rules.unwrap(terms.rules) ^ (1 << 255));
        if (which == 5) terms.metadata ^= bytes32(uint256(1));
        if (which == 6) terms.milestones[1] = Milestone.wrap(1);
        if (which == 7) terms.payees[1] = Payee.wrap(bytes32(uint256(1)));
        if (which == 8) terms.milestones = new Milestone[](1);
        assert(EscrowId.unwrap(_harness.toId(terms)) != EscrowId.unwrap(before));
    }

    /// @dev The fields of a slot do not touch each other.
    function testFuzzSlotFieldsAreApart(uint128 amount, uint40 time, uint40 later, uint128 part) external view {
        Slot slot = _harness.locked(amount, time);
        part = amount == 0 ? 0 : part % amount;
        EscrowView memory moved = _harness.unpack(
            _harness.spend(_harness.enter(_harness.bumpBoth(slot), State.Disputed, later), part)
        );
        assert(moved.state == State.Disputed && moved.milestone == 0 && moved.since == later);
        assert(moved.buyerSequence == 1 && moved.sellerSequence == 1 && moved.remaining == amount - part);
        EscrowView memory next = _harness.unpack(_harness.advance(slot, later));
        assert(next.state == State.Locked && next.milestone == 1 && next.remaining == amount);
        EscrowView memory closed = _harness.unpack(_harness.close(slot, State.Expired, later));
        assert(closed.state == State.Expired && closed.remaining == 0 && closed.since == later);
    }

    /// @dev Exactly the states 1 to 3 are open.
    function testFuzzOpenStates(uint128 amount, uint40 time) external view {
        Slot slot = _harness.locked(amount, time);
        assert(!_harness.isOpen(Slot.wrap(0)));
        for (uint256 i = 1; i <= uint256(type(State).max); ++i)
            assert(_harness.isOpen(_harness.enter(slot, State(i), time)) == (i <= uint256(State.Disputed)));
    }

    /// @dev For every number of payees and every share, the parts never exceed the amount, and the dust that is left
    /// for the last payee is less than one unit a payee.
    function testFuzzPartsAddUp(uint128 amount, uint8 count, uint256 seed) external pure {
        uint256 payees = (count % TermsLib.MAX_PAYEES) + 1;
        uint256 shares = TermsLib.WHOLE;
        uint256 left = amount;
        for (uint256 i = 0; i < payees - 1; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 share = 1 + (seed % (shares - (payees - 1 - i)));
            shares -= share;
            left -= WindowLib.portion(amount, share);
        }
        uint256 fair = WindowLib.portion(amount, shares);
        assert(left >= fair && left - fair < payees);
    }

    /// @dev For two payees and every share, at most one unit of dust goes to the last.
    function testFuzzEveryShareOfTwo(uint128 amount) external pure {
        for (uint256 share = 1; share < TermsLib.WHOLE; ++share) {
            uint256 left = amount - WindowLib.portion(amount, share);
            uint256 fair = WindowLib.portion(amount, TermsLib.WHOLE - share);
            assert(left == fair || left == fair + 1);
        }
    }

    function testFuzzNoPortionExceedsTheWhole(uint128 amount, uint16 share) external pure {
        share = uint16(share % (TermsLib.WHOLE + 1));
        assert(WindowLib.portion(amount, share) <= amount);
        assert(WindowLib.portion(amount, TermsLib.WHOLE) == amount);
        assert(SlotLib.remaining(SlotLib.locked(amount, 0)) == amount);
    }
}
