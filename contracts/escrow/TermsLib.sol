// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, Milestone, Payee, Rules, Terms} from "./EscrowTypes.sol";
import {IEscrowErrors} from "./IEscrowErrors.sol";
import {IEscrowEvents} from "./IEscrowEvents.sol";

/// @title Terms: their layout, their id, and what makes them acceptable
/// @dev Only the canonical encoding is taken: head, milestones, payees, without gaps. {toId} checks that, and every
/// operation begins with it; so the other functions read the arrays where the layout puts them.
library TermsLib {
    /// @dev Basis points in a whole.
    uint256 internal constant WHOLE = 10_000;
    uint256 internal constant MAX_PAYEES = 50;
    uint256 internal constant MAX_MILESTONES = 50;
    /// @dev Basis points.
    uint256 internal constant MAX_TIP = 500;
    /// @dev Seconds from creation to the arbiter's deadline, ten years. Milliseconds given for seconds exceed it.
    uint256 internal constant MAX_HORIZON = 3650 days;

    /// @dev Bytes of the head: eight words, of which the last two are the offsets of the arrays. The milestones' length
    /// follows the head; the payees' length follows the milestones.
    uint256 private constant HEAD = 0x100;
    uint256 private constant MILESTONES_OFFSET_AT = 0xc0;
    uint256 private constant PAYEES_OFFSET_AT = 0xe0;

    /// @dev keccak256(abi.encode(block.chainid, address(this), terms)), over the encoding as it was sent.
    function toId(Terms calldata terms) internal view returns (EscrowId id) {
        uint256 length = size(terms);
        // Writes past the free memory pointer only, and leaves the pointer where it is.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, chainid())
            mstore(add(ptr, 0x20), address())
            mstore(add(ptr, 0x40), 0x60)
            calldatacopy(add(ptr, 0x60), terms, length)
            id := keccak256(ptr, add(length, 0x60))
        }
    }

    /// @dev Bytes of the encoding; reverts if it is not canonical, too long, or not all there.
    function size(Terms calldata terms) internal pure returns (uint256 length) {
        bool canonical;
        // Reads calldata only; past its end there are zeros. The compiler has checked that the head is there. Both
        // lengths are compared with their maximum, so that sums and shifts that would overflow do not count.
        assembly ("memory-safe") {
            let milestones := calldataload(add(terms, HEAD))
            let payeesAt := add(add(HEAD, 0x20), shl(5, milestones))
            let payees := calldataload(add(terms, payeesAt))
            length := add(add(payeesAt, 0x20), shl(5, payees))
            canonical := and(
                and(
                    eq(calldataload(add(terms, MILESTONES_OFFSET_AT)), HEAD),
                    eq(calldataload(add(terms, PAYEES_OFFSET_AT)), payeesAt)
                ),
                and(
                    iszero(or(gt(milestones, MAX_MILESTONES), gt(payees, MAX_PAYEES))),
                    iszero(gt(add(terms, length), calldatasize()))
                )
            )
        }
        require(canonical, IEscrowErrors.MalformedTerms());
    }

    function milestonesOf(Terms calldata terms) internal pure returns (Milestone[] calldata milestones) {
        // The layout is canonical, see the head of this library.
        assembly ("memory-safe") {
            milestones.offset := add(terms, add(HEAD, 0x20))
            milestones.length := calldataload(add(terms, HEAD))
        }
    }

    function payeesOf(Terms calldata terms) internal pure returns (Payee[] calldata payees) {
        // The layout is canonical, see the head of this library.
        assembly ("memory-safe") {
            let at := add(add(terms, add(HEAD, 0x20)), shl(5, calldataload(add(terms, HEAD))))
            payees.offset := add(at, 0x20)
            payees.length := calldataload(at)
        }
    }

    /// @dev The first payee, which acts for all of them. {validate} has seen to it that there is one.
    function seller(Terms calldata terms) internal pure returns (address) {
        return payeesOf(terms)[0].account();
    }

    /// @dev Emits {IEscrowEvents-Created}, copying the terms as they were sent: they are canonical, and {validate} has
    /// read, and so type-checked, every word of them.
    function emitCreated(Terms calldata terms, EscrowId id) internal {
        Payee[] calldata payees = payeesOf(terms);
        bytes32 topic = IEscrowEvents.Created.selector;
        address buyer = terms.buyer;
        address seller_ = payees[0].account();
        // Writes past the free memory pointer only, and leaves the pointer where it is. The payees come last.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            let length := sub(add(payees.offset, shl(5, payees.length)), terms)
            mstore(ptr, 0x20)
            calldatacopy(add(ptr, 0x20), terms, length)
            log4(ptr, add(length, 0x20), topic, id, buyer, seller_)
        }
    }

    /// @dev Reverts unless the terms can be created at `time`.
    function validate(Terms calldata terms, uint256 time) internal view {
        address buyer = terms.buyer;
        address token = terms.token;
        address arbiter = terms.arbiter;
        require(terms.amount != 0, IEscrowErrors.AmountOutOfRange(0, 1, type(uint128).max));
        require(buyer != address(0) && buyer != address(this) && buyer != token, IEscrowErrors.InvalidAccount(buyer));
        require(arbiter != buyer && arbiter != address(this), IEscrowErrors.InvalidArbiter(arbiter));
        _validateRules(terms.rules, time);
        if (milestonesOf(terms).length != 0) _validateMilestones(terms, time);
        _validatePayees(payeesOf(terms), buyer, token, arbiter);
    }

    function _validateRules(Rules rules, uint256 time) private pure {
        uint256 deliverBy = rules.deliverBy();
        uint256 arbiterBy = rules.arbiterBy();
        require(rules.isWellFormed() && rules.reviewFor() != 0, IEscrowErrors.InvalidRules(rules));
        require(deliverBy > time, IEscrowErrors.DeadlineTooEarly(deliverBy, time + 1));
        // Sums of 40-bit numbers, and of a time and a constant, do not overflow.
        unchecked {
            uint256 lastReview = deliverBy + rules.reviewFor();
            require(arbiterBy > lastReview, IEscrowErrors.DeadlineTooEarly(arbiterBy, lastReview + 1));
            uint256 horizon = time + MAX_HORIZON;
            require(arbiterBy <= horizon, IEscrowErrors.DeadlineTooLate(arbiterBy, horizon));
        }
        require(rules.defaultSplit() <= WHOLE, IEscrowErrors.ShareTooLarge(rules.defaultSplit(), WHOLE));
        require(rules.tip() <= MAX_TIP, IEscrowErrors.ShareTooLarge(rules.tip(), MAX_TIP));
    }

    /// @dev Each milestone leaves the seller at least a second after the review of the one before.
    function _validateMilestones(Terms calldata terms, uint256 time) private pure {
        Milestone[] calldata milestones = milestonesOf(terms);
        uint256 reviewFor = terms.rules.reviewFor();
        uint256 earliest = time + 1;
        uint256 sum = 0;
        uint256 deadline = 0;
        for (uint256 i = 0; i < milestones.length; ++i) {
            deadline = milestones[i].deliverBy();
            uint256 amount = milestones[i].amount();
            require(deadline >= earliest, IEscrowErrors.DeadlineTooEarly(deadline, earliest));
            require(amount != 0, IEscrowErrors.AmountOutOfRange(0, 1, terms.amount));
            sum += amount;
            earliest = deadline + reviewFor + 1;
        }
        require(sum == terms.amount, IEscrowErrors.MilestonesSum(sum, terms.amount));
        require(deadline == terms.rules.deliverBy(), IEscrowErrors.LastMilestone(deadline, terms.rules.deliverBy()));
    }

    /// @dev After the seller, payees ascend by address: so a duplicate is seen without comparing each with each.
    function _validatePayees(Payee[] calldata payees, address buyer, address token, address arbiter) private view {
        uint256 count = payees.length;
        require(count != 0, IEscrowErrors.NoPayee());
        Payee payee = payees[0];
        require(_isPayable(payee, buyer, token, arbiter), IEscrowErrors.InvalidPayee(0, payee));
        address first = payee.account();
        address previous = address(0);
        uint256 sum = payee.share();
        for (uint256 i = 1; i < count;) {
            payee = payees[i];
            address account = payee.account();
            require(_isPayable(payee, buyer, token, arbiter), IEscrowErrors.InvalidPayee(i, payee));
            require(account > previous && account != first, IEscrowErrors.PayeesUnsorted(i, account, previous));
            previous = account;
            // 50 numbers below 2^96 do not overflow.
            unchecked {
                sum += payee.share();
                ++i;
            }
        }
        require(sum == WHOLE, IEscrowErrors.SharesSum(sum, WHOLE));
    }

    /// @dev Whether the payee has a share, and is not zero, this contract, the token, the buyer or the arbiter.
    function _isPayable(Payee payee, address buyer, address token, address arbiter) private view returns (bool ok) {
        // Pure comparison; the addresses are clean, for the compiler has checked them.
        assembly ("memory-safe") {
            let account := shr(96, payee)
            let empty := or(iszero(account), iszero(shl(160, payee)))
            let ours := or(eq(account, address()), eq(account, token))
            let theirs := or(eq(account, buyer), eq(account, arbiter))
            ok := iszero(or(empty, or(ours, theirs)))
        }
    }
}
