// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {
    DoubleSigning,
    Downtime,
    FalseProof,
    InvalidSignature,
    Pending,
    Place,
    Record
} from "../slashing/SlashingTypes.sol";
import {LaneId} from "../types/Message.sol";
import {IAttestedPoints} from "./IAttestedPoints.sol";
import {ISlashingEvents} from "./ISlashingEvents.sol";

/// @title What validators are punished for
/// @notice On the home chain, beside the registry. Anybody reports; the contract itself checks the evidence; nobody is asked, least
/// of all the quorum that is judged. Where evidence rests on more than cryptography (that a validator was not there, what a lane on
/// another chain was) the slash is pending, may be vetoed, and is executed by anybody after that.
///
/// A reporter commits to its evidence first, and is rewarded when it submits it in a later block: evidence that is copied from the
/// pool of transactions is of no use to the copier. Equivalent evidence counts once: an offence of a validator at a place can be
/// punished a single time, whatever the signatures look like, for who signs can make any number of signatures of one message.
///
/// A penalty is a share of the stake that the validator had in the epoch, and at most what is left of its bond.
interface ISlashing is ISlashingEvents, IERC7786Recipient {
    /// @notice Commits the caller to evidence without showing it. See {commitmentOf}.
    function commit(bytes32 commitment) external;

    /// @notice Two signatures of one validator for one place with different accumulators, in whatever epochs: 5% and out for good.
    /// The epoch that counts is the later one.
    function submitDoubleSigning(DoubleSigning calldata evidence, bytes32 salt) external;

    /// @notice An envelope that the validator signed around a signature that does not verify: 1% and jail. What is not in an envelope
    /// proves nothing, as anybody can make it. Reverts for want of gas; it never takes that for an invalid signature.
    function submitInvalidSignature(InvalidSignature calldata evidence, bytes32 salt) external;

    /// @notice A signature for a place whose true accumulator is another, or to which the lane has not come: all of the stake, and out
    /// for good. For lanes that begin on this chain, and the lanes of validator sets, at once; for others, where the truth was
    /// brought here by a quorum, pending.
    function submitFalseProof(FalseProof calldata evidence, bytes32 salt) external;

    /// @notice A validator that is missing in more than half of {DOWNTIME_WINDOW} consecutive recorded points of one epoch whose grace is
    /// over: 1% and jail, pending.
    function claimDowntime(Downtime calldata evidence, bytes32 salt) external;

    /// @notice Raises what the validators proven at a place have paid there to three times their common share of the stake, and at most
    /// all of it. Can be called again as more of them are proven: only the difference is taken. Nobody is rewarded.
    /// @param keys At least {COLLUSION_MINIMUM} validators, ascending, punished at this place for double signing or a false proof
    /// within {COLLUSION_WINDOW} of each other.
    function collude(Place calldata place, bytes32[] calldata keys) external;

    /// @notice Ends a pending slash without punishment. Only the vetoer, within {VETO_WINDOW}.
    function veto(uint256 id) external;

    /// @notice Executes a pending slash that nobody has vetoed. Anybody.
    function execute(uint256 id) external;

    /// @notice Makes attestations for another Inbox evidence. Only governance; cannot be taken back.
    function addDestination(uint256 chainId, address inbox) external;

    /// @notice Adds another Outbox and its witness. Only governance; cannot be taken back.
    function addSource(uint256 chainId, address outbox, address witness) external;

    /// @notice Names the vetoer; zero is nobody. Only governance.
    function setVetoer(address vetoer_) external;

    /// @notice The log of attested points.
    function POINTS() external view returns (IAttestedPoints);

    /// @notice The Inbox from which facts about other chains arrive.
    function INBOX() external view returns (address);

    /// @notice How long a pending slash waits, in seconds.
    function VETO_WINDOW() external view returns (uint40);

    /// @notice How old a commitment may be, in seconds.
    function COMMIT_LIFE() external view returns (uint40);

    /// @notice How many recorded points a claim of downtime is about.
    function DOWNTIME_WINDOW() external view returns (uint256);

    /// @notice How far apart the proofs of colluders may lie, in seconds.
    function COLLUSION_WINDOW() external view returns (uint40);

    /// @notice How many validators make a collusion.
    function COLLUSION_MINIMUM() external view returns (uint16);

    /// @notice Who may veto.
    function vetoer() external view returns (address);

    /// @notice The chain of the Inbox with this domain; 0 for none of this bridge.
    function destinationOf(bytes32 domain) external view returns (uint256 chainId);

    /// @notice Who says what the lanes of this Outbox were; zero for none of this bridge.
    function witnessOf(uint256 chainId, address outbox) external view returns (address);

    /// @notice What {commit} takes: keccak256(abi.encode(evidenceHash, reporter, salt)), where `evidenceHash` is
    /// keccak256(abi.encode(offence, evidence)).
    function commitmentOf(bytes32 evidenceHash, address reporter, bytes32 salt) external pure returns (bytes32);

    /// @notice When `reporter` committed to `commitment`, 0 if it did not or has used it.
    function committedAt(address reporter, bytes32 commitment) external view returns (uint256);

    /// @notice What is known of a validator's offences at a place.
    function recordOf(bytes32 key, Place calldata place) external view returns (Record memory);

    /// @notice A pending slash; zeros for one that is not, or not any more.
    function pendingOf(uint256 id) external view returns (Pending memory);

    /// @notice How many slashes have been pending so far; the last one's number.
    function pendingCount() external view returns (uint256);

    /// @notice The first point of an epoch that a claim of the validator's downtime may begin with.
    function claimableFrom(bytes32 key, uint64 epoch) external view returns (uint256);

    /// @notice What a witness on another chain told of acc(`nonce`); zero if nothing.
    function factOf(LaneId lane, uint64 nonce) external view returns (bytes32);

    /// @notice Whether a witness told that the lane had not come to `nonce` when the signature with this hash existed.
    function wasUnreached(LaneId lane, uint64 nonce, bytes32 signatureHash) external view returns (bool);
}
