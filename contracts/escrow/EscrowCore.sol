// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, Slot, State, Terms} from "./EscrowTypes.sol";
import {EscrowPayments} from "./EscrowPayments.sol";
import {SlotLib} from "./SlotLib.sol";
import {TermsLib} from "./TermsLib.sol";
import {WindowLib} from "./WindowLib.sol";

/// @title The state machine
/// @dev One function an operation, each in the same order: requires, state, event, payments. `actor` is whoever has
/// proved, by calling or by signing, to act. Mirrored by relayer/escrow/core/machine.ts.
abstract contract EscrowCore is EscrowPayments {
    using TermsLib for Terms;

    mapping(EscrowId id => Slot slot) internal _slots;

    function _create(Terms calldata terms, EscrowId id) internal {
        State state = _slots[id].state();
        require(state == State.None, AlreadyExists(id, state));
        terms.validate(block.timestamp);
        _slots[id] = SlotLib.locked(terms.amount, block.timestamp);
        terms.emitCreated(id);
    }

    function _deliver(Terms calldata terms, EscrowId id, Slot slot, address actor) internal {
        _requireActor(actor, terms.seller());
        require(slot.isIn(State.Locked), WrongState(id, slot.state(), State.Locked));
        _requireInWindow(terms, slot);
        _slots[id] = slot.enter(State.AwaitingRelease, block.timestamp).bumpSeller();
        emit Delivered(id, slot.milestone());
    }

    function _release(Terms calldata terms, EscrowId id, Slot slot, address actor) internal {
        _requireActor(actor, terms.buyer);
        bool disputed = slot.isIn(State.Disputed);
        uint256 amount = disputed ? slot.remaining() : WindowLib.milestoneDue(terms, slot);
        uint256 remaining = slot.remaining() - amount;
        _slots[id] =
            remaining == 0
                ? slot.close(State.Released, block.timestamp).bumpBuyer()
                : slot.spend(amount).advance(block.timestamp);
        emit Released(id, slot.milestone(), amount, remaining);
        _payPayees(id, terms, amount);
    }

    function _releasePartial(Terms calldata terms, EscrowId id, Slot slot, address actor, uint256 amount) internal {
        _requireActor(actor, terms.buyer);
        Slot next = _spendPart(id, slot, amount, State.Released).bumpBuyer();
        _slots[id] = next;
        emit PartiallyReleased(id, amount, next.remaining());
        _payPayees(id, terms, amount);
    }

    function _refund(Terms calldata terms, EscrowId id, Slot slot, address actor) internal {
        _requireActor(actor, terms.seller());
        uint256 amount = slot.remaining();
        _slots[id] = slot.close(State.Refunded, block.timestamp).bumpSeller();
        emit Refunded(id, amount);
        _pay(id, terms.token, terms.buyer, amount);
    }

    function _refundPartial(Terms calldata terms, EscrowId id, Slot slot, address actor, uint256 amount) internal {
        _requireActor(actor, terms.seller());
        Slot next = _spendPart(id, slot, amount, State.Refunded).bumpSeller();
        _slots[id] = next;
        emit PartiallyRefunded(id, amount, next.remaining());
        _pay(id, terms.token, terms.buyer, amount);
    }

    function _dispute(Terms calldata terms, EscrowId id, Slot slot, address actor) internal {
        uint256 due;
        if (slot.isIn(State.AwaitingRelease)) {
            _requireParty(terms, actor);
            due = WindowLib.reviewEnd(terms, slot);
        } else {
            require(slot.isIn(State.Locked), WrongState(id, slot.state(), State.AwaitingRelease));
            _requireActor(actor, terms.buyer);
            due = WindowLib.deliverBy(terms, slot.milestone());
        }
        require(block.timestamp < due, WindowClosed(block.timestamp, due));
        _slots[id] = slot.enter(State.Disputed, block.timestamp).bumpBoth();
        emit Disputed(id, actor);
        emit Dispute(terms.arbiter, _number(id), _number(id), _number(id));
    }

    /// @dev {_dispute} and, unless there is none, evidence in one.
    function _disputeWithEvidence(
        Terms calldata terms,
        EscrowId id,
        Slot slot,
        address actor,
        string calldata uri
    ) internal {
        _dispute(terms, id, slot, actor);
        if (bytes(uri).length != 0) emit Evidence(terms.arbiter, _number(id), actor, uri);
    }

    function _submitEvidence(
        Terms calldata terms,
        EscrowId id,
        Slot slot,
        address actor,
        string calldata uri
    ) internal {
        require(slot.isIn(State.Disputed), WrongState(id, slot.state(), State.Disputed));
        _requireInWindow(terms, slot);
        _slots[id] = _bump(terms, slot, actor);
        emit Acted(id, actor);
        emit Evidence(terms.arbiter, _number(id), actor, uri);
    }

    function _publishAgreement(
        Terms calldata terms,
        EscrowId id,
        Slot slot,
        address actor,
        string calldata uri
    ) internal {
        _slots[id] = _bump(terms, slot, actor);
        emit Acted(id, actor);
        emit MetaEvidence(_number(id), uri);
    }

    function _resolve(Terms calldata terms, EscrowId id, Slot slot, address actor, uint256 toBuyer) internal {
        _requireActor(actor, terms.arbiter);
        require(slot.isIn(State.Disputed), WrongState(id, slot.state(), State.Disputed));
        _requireInWindow(terms, slot);
        uint256 remaining = slot.remaining();
        require(toBuyer <= remaining, AmountOutOfRange(toBuyer, 0, remaining));
        uint256 toPayees = remaining - toBuyer;
        _slots[id] = slot.close(toPayees == 0 ? State.Refunded : State.Released, block.timestamp);
        emit Resolved(id, toPayees, toBuyer);
        if (toBuyer != 0) _pay(id, terms.token, terms.buyer, toBuyer);
        _payPayees(id, terms, toPayees);
    }

    function _expire(Terms calldata terms, address caller) internal {
        (EscrowId id, Slot slot) = _open(terms);
        (uint256 due, uint256 toPayees, uint256 toBuyer) = WindowLib.timeout(terms, slot);
        require(block.timestamp >= due, NotDue(block.timestamp, due));
        uint256 remaining;
        // What a time-out pays is taken from what remains.
        unchecked {
            remaining = slot.remaining() - toPayees - toBuyer;
        }
        if (remaining == 0) {
            _slots[id] = slot.close(State.Expired, block.timestamp);
            emit Expired(id, toPayees, toBuyer);
        } else {
            _slots[id] = slot.spend(toPayees).advance(block.timestamp);
            emit MilestoneExpired(id, slot.milestone(), toPayees, remaining);
        }
        if (terms.rules.tip() != 0) (toPayees, toBuyer) = _payTip(id, terms, caller, toPayees, toBuyer);
        if (toBuyer != 0) _pay(id, terms.token, terms.buyer, toBuyer);
        _payPayees(id, terms, toPayees);
    }

    /// @dev Takes the tip off both sides of a time-out, each in proportion, and gives it to the caller.
    function _payTip(
        EscrowId id,
        Terms calldata terms,
        address caller,
        uint256 toPayees,
        uint256 toBuyer
    ) private returns (uint256, uint256) {
        uint256 payeesTip = WindowLib.portion(toPayees, terms.rules.tip());
        uint256 buyerTip = WindowLib.portion(toBuyer, terms.rules.tip());
        emit Tipped(id, caller, payeesTip + buyerTip);
        _pay(id, terms.token, caller, payeesTip + buyerTip);
        return (toPayees - payeesTip, toBuyer - buyerTip);
    }

    /// @dev The id and slot of an open escrow; reverts if it does not exist or is closed.
    function _open(Terms calldata terms) internal view returns (EscrowId id, Slot slot) {
        id = terms.toId();
        slot = _slots[id];
        require(slot.isOpen(), NotOpen(id, slot.state()));
    }

    /// @dev The sequence that an account's next signed action must carry.
    function _sequenceOf(Terms calldata terms, Slot slot, address account) internal pure returns (uint256) {
        if (account == terms.buyer) return slot.buyerSequence();
        _requireParty(terms, account);
        return slot.sellerSequence();
    }

    /// @dev Takes a part, not nothing and not more than remains, from an escrow that is not disputed.
    function _spendPart(EscrowId id, Slot slot, uint256 amount, State whenEmpty) private view returns (Slot) {
        require(!slot.isIn(State.Disputed), WrongState(id, State.Disputed, State.AwaitingRelease));
        uint256 remaining = slot.remaining();
        require(amount != 0 && amount <= remaining, AmountOutOfRange(amount, 1, remaining));
        return amount == remaining ? slot.close(whenEmpty, block.timestamp) : slot.spend(amount);
    }

    function _bump(Terms calldata terms, Slot slot, address party) private pure returns (Slot) {
        if (party == terms.buyer) return slot.bumpBuyer();
        _requireParty(terms, party);
        return slot.bumpSeller();
    }

    function _requireActor(address actual, address expected) internal pure {
        require(actual == expected, Unauthorized(actual, expected));
    }

    function _requireParty(Terms calldata terms, address actual) private pure {
        require(actual == terms.buyer || actual == terms.seller(), NotParty(actual, terms.buyer, terms.seller()));
    }

    function _requireInWindow(Terms calldata terms, Slot slot) private view {
        uint256 due = WindowLib.dueAt(terms, slot);
        require(block.timestamp < due, WindowClosed(block.timestamp, due));
    }

    /// @dev ERC-1497 numbers disputes and evidence groups with integers.
    function _number(EscrowId id) private pure returns (uint256) {
        return uint256(EscrowId.unwrap(id));
    }
}
