// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MilestoneLib} from "./MilestoneLib.sol";
import {PayeeLib} from "./PayeeLib.sol";
import {RulesLib} from "./RulesLib.sol";
import {SlotLib} from "./SlotLib.sol";

/// @dev keccak256(abi.encode(chainid, escrow contract, Terms)).
type EscrowId is bytes32;

/// @dev The one storage slot of an escrow; see {SlotLib}.
type Slot is uint256;

/// @dev The time limits and shares of an escrow, and a salt, in one word; see {RulesLib}.
type Rules is uint256;

/// @dev The deadline and amount of a milestone in one word; see {MilestoneLib}.
type Milestone is uint256;

/// @dev A payee and its share in one word; see {PayeeLib}.
type Payee is bytes32;

using SlotLib for Slot global;
using RulesLib for Rules global;
using MilestoneLib for Milestone global;
using PayeeLib for Payee global;

/// @notice Where an escrow stands. `None` is an escrow that was never created; the last three are final.
enum State {
    None,
    Locked,
    AwaitingRelease,
    Disputed,
    Released,
    Refunded,
    Expired
}

/// @notice Who is paid when the review period ends and the buyer has said nothing.
enum Silence {
    PaysSeller,
    PaysBuyer
}

/// @notice What the parties agreed on. It never changes; its hash is the escrow's id.
/// @param buyer Who pays, and who is refunded.
/// @param token The ERC-20 held, or zero for the chain's native currency.
/// @param arbiter Who rules on disputes: an account, a contract or a bare key. Zero: nobody, the default split decides.
/// @param amount The amount held, in the token's smallest unit; not zero.
/// @param rules Time limits, the policy on silence, the default split, the tip, and a salt.
/// @param metadata Digest of the agreement's text, which is kept elsewhere.
/// @param milestones Parts of the amount with a deadline each, in order; empty for a single delivery.
/// @param payees Who shares a release. The first is the seller and acts for them all; the last takes the dust.
struct Terms {
    address buyer;
    address token;
    address arbiter;
    uint128 amount;
    Rules rules;
    bytes32 metadata;
    Milestone[] milestones;
    Payee[] payees;
}

/// @notice An escrow's slot, unpacked.
/// @param state Where it stands.
/// @param milestone Index of the current milestone.
/// @param since When the state began, in Unix seconds.
/// @param buyerSequence Sequence that the buyer's next signed action must carry.
/// @param sellerSequence Sequence that the seller's next signed action must carry.
/// @param remaining What is still held, in the token's smallest unit.
struct EscrowView {
    State state;
    uint8 milestone;
    uint40 since;
    uint32 buyerSequence;
    uint32 sellerSequence;
    uint128 remaining;
}

/// @notice What a signed action does. The order is part of the interface.
enum ActionKind {
    Deliver,
    Release,
    ReleasePartial,
    Refund,
    RefundPartial,
    Dispute,
    SubmitEvidence,
    PublishAgreement,
    Resolve
}

/// @notice An action that a party has signed and anybody may send.
/// @param kind Which one.
/// @param account For whom it is done: the buyer, the seller or the arbiter.
/// @param amount For a partial release or refund its amount, for a ruling what goes to the buyer; otherwise unused.
/// @param sequence The account's sequence in the escrow's slot; zero for the arbiter, who acts once.
/// @param uri For a dispute or evidence the evidence's URI, for an agreement its URI; otherwise unused.
struct Action {
    ActionKind kind;
    address account;
    uint256 amount;
    uint256 sequence;
    string uri;
}

/// @notice A signature and how to check it.
/// @param deadline Last Unix second at which the signature is good.
/// @param signer Empty: the account itself signed (EOA, EIP-7702 or ERC-1271). Otherwise an ERC-7913 signer that the
/// account has authorised, or that the arbiter's address is derived from.
/// @param signature The signature over the EIP-712 digest.
struct Authorization {
    uint256 deadline;
    bytes signer;
    bytes signature;
}

/// @notice An ERC-2612 permit for the escrow contract. A zero deadline means that there is none.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
