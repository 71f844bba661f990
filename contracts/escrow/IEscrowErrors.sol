// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, Payee, Rules, State} from "./EscrowTypes.sol";

/// @title The escrow's errors
/// @notice Each names what was found first and what would have been right after it. Times are Unix seconds, amounts are
/// in the token's smallest unit, shares are basis points.
interface IEscrowErrors {
    // Terms

    /// @notice The terms are not in the ABI's canonical encoding (head, milestones, payees, no gaps), or have more than 50
    /// milestones or payees.
    error MalformedTerms();
    /// @notice An amount is not within `min` and `max`, both included.
    error AmountOutOfRange(uint256 actual, uint256 min, uint256 max);
    /// @notice Money may not go to zero, to the escrow contract or to the token.
    error InvalidAccount(address account);
    /// @notice The arbiter may be neither the buyer nor the escrow contract. (For a payee see {InvalidPayee}.)
    error InvalidArbiter(address arbiter);
    /// @notice The rules have an unknown policy, or no review period.
    error InvalidRules(Rules rules);
    /// @notice A payee has no share, or is the buyer or the arbiter.
    error InvalidPayee(uint256 index, Payee payee);
    /// @notice There must be a payee: the first is the seller.
    error NoPayee();
    /// @notice After the first payee, which is the seller, addresses ascend and none of them is the seller's.
    error PayeesUnsorted(uint256 index, address actual, address previous);
    /// @notice The payees' shares do not add up to a whole.
    error SharesSum(uint256 actual, uint256 expected);
    /// @notice A share is above its limit.
    error ShareTooLarge(uint256 actual, uint256 max);
    /// @notice A deadline comes before the earliest second it may have.
    error DeadlineTooEarly(uint256 actual, uint256 earliest);
    /// @notice A deadline comes after the latest second it may have.
    error DeadlineTooLate(uint256 actual, uint256 latest);
    /// @notice The milestones do not add up to the amount.
    error MilestonesSum(uint256 actual, uint256 expected);
    /// @notice The last milestone's deadline is not the rules' deadline.
    error LastMilestone(uint256 actual, uint256 expected);

    // States and windows

    /// @notice An escrow with these terms exists, or has existed.
    error AlreadyExists(EscrowId id, State actual);
    /// @notice The escrow does not exist (`None`) or is closed.
    error NotOpen(EscrowId id, State actual);
    /// @notice The escrow is open, but in another state than the operation needs.
    error WrongState(EscrowId id, State actual, State expected);
    /// @notice The window has closed: from `deadline` on, only the time-out is possible.
    error WindowClosed(uint256 actual, uint256 deadline);
    /// @notice The time-out is possible from `dueAt` on.
    error NotDue(uint256 actual, uint256 dueAt);

    // Authority

    /// @notice Another account than the one entitled.
    error Unauthorized(address actual, address expected);
    /// @notice Neither the buyer nor the seller.
    error NotParty(address actual, address buyer, address seller);
    /// @notice The signed action carries another sequence than the slot.
    error SequenceMismatch(uint256 actual, uint256 expected);
    /// @notice The signature's deadline has passed.
    error SignatureExpired(uint256 actual, uint256 deadline);
    /// @notice The signature is not one of this account over this digest.
    error InvalidSignature(address account, bytes32 digest);
    /// @notice The account has not authorised this ERC-7913 signer for this time. `validUntil` zero: never, or revoked.
    error KeyNotAuthorized(address account, bytes32 key, uint256 validUntil);

    // Money

    /// @notice Another value was sent along than the operation takes.
    error WrongValue(uint256 actual, uint256 expected);
    /// @notice The token moved another amount than it was asked to: it takes a fee, or pretends.
    error WrongReceived(address token, uint256 actual, uint256 expected);
    /// @notice There is no contract at the token's address.
    error TokenWithoutCode(address token);
    /// @notice Too little gas for payments to get what they are entitled to. Send the transaction with more.
    error InsufficientGas(uint256 actual, uint256 required);
    /// @notice This account has no credit in this token.
    error NothingToClaim(address token, address account);
    /// @notice The claim could not be paid to `to`. The credit stays.
    error ClaimFailed(address token, address to, uint256 amount);

    // Batches

    /// @notice There are more items in the batch than allowed.
    error BatchTooLarge(uint256 actual, uint256 max);
}
