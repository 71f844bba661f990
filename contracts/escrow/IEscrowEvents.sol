// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, Terms} from "./EscrowTypes.sol";

/// @title The escrow's events
/// @notice They are enough to rebuild every slot. `since` is the time of the block; each action adds one to the sequence
/// of the party that acted, while a dispute and the end of a milestone add one to both. Amounts are in the token's
/// smallest unit. A payment is split among the payees by their shares, rounded down, the rest to the last; it has
/// arrived unless {Credited} says otherwise.
interface IEscrowEvents {
    /// @notice An escrow was created and funded, and is locked.
    event Created(EscrowId indexed id, address indexed buyer, address indexed seller, Terms terms);
    /// @notice The seller has delivered a milestone; the review begins.
    event Delivered(EscrowId indexed id, uint256 milestone);
    /// @notice The buyer has released a milestone. Nothing remaining: the escrow is released. Otherwise the next
    /// milestone is locked.
    event Released(EscrowId indexed id, uint256 milestone, uint256 amount, uint256 remaining);
    /// @notice The buyer has released a part. Nothing remaining: the escrow is released. Otherwise its state stays.
    event PartiallyReleased(EscrowId indexed id, uint256 amount, uint256 remaining);
    /// @notice The seller has refunded everything that remained; the escrow is refunded.
    event Refunded(EscrowId indexed id, uint256 amount);
    /// @notice The seller has refunded a part. Nothing remaining: the escrow is refunded. Otherwise its state stays.
    event PartiallyRefunded(EscrowId indexed id, uint256 amount, uint256 remaining);
    /// @notice A party has disputed. {IERC1497-Dispute} accompanies it.
    event Disputed(EscrowId indexed id, address party);
    /// @notice A party has submitted evidence or published the agreement, as {IERC1497} says beside it. Only the party's
    /// sequence changes.
    event Acted(EscrowId indexed id, address party);
    /// @notice The arbiter has ruled. Nothing to the payees: the escrow is refunded. Otherwise it is released.
    event Resolved(EscrowId indexed id, uint256 toPayees, uint256 toBuyer);
    /// @notice The review of a milestone, not the last, ended in silence: it is paid, and the next one is locked.
    /// @param toPayees What the payees got, before the tip.
    event MilestoneExpired(EscrowId indexed id, uint256 milestone, uint256 toPayees, uint256 remaining);
    /// @notice Time ran out and everything that remained was paid; the escrow is expired.
    /// @param toPayees What the payees got, before the tip.
    /// @param toBuyer What the buyer got, before the tip.
    event Expired(EscrowId indexed id, uint256 toPayees, uint256 toBuyer);
    /// @notice Whoever pushed a time-out was given the tip; each side bore its share of it, rounded down.
    event Tipped(EscrowId indexed id, address indexed caller, uint256 amount);
    /// @notice An item of a batch was not processed: it was not due, not open, or failed.
    event ExpirationSkipped(uint256 indexed index);
    /// @notice A payment failed and waits to be claimed.
    event Credited(EscrowId indexed id, address indexed token, address indexed account, uint256 amount);
    /// @notice An account has claimed all its credit in a token.
    event Claimed(address indexed token, address indexed account, address to, uint256 amount);
    /// @notice An account lets an ERC-7913 signer act for it until a Unix second, included. Zero: no longer.
    event KeyAuthorized(address indexed account, bytes signer, uint256 validUntil);
}
