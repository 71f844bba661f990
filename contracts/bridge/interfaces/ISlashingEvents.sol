// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offence} from "../slashing/SlashingTypes.sol";
import {LaneId} from "../types/Message.sol";
import {IEvidence} from "./IEvidence.sol";

/// @title What slashing reports and refuses
/// @notice Amounts are in the smallest unit of the bond's token, times in Unix seconds. A `placeId` is keccak256(abi.encode(place)).
interface ISlashingEvents is IEvidence {
    /// @notice Attestations for this Inbox are evidence from now on.
    event DestinationAdded(uint256 indexed chainId, address indexed inbox, bytes32 indexed domain);
    /// @notice Lanes of this Outbox are known from now on, and `witness` says what they were.
    event SourceAdded(uint256 indexed chainId, address indexed outbox, address indexed witness);
    /// @notice Who may veto; zero is nobody.
    event VetoerSet(address vetoer);
    /// @notice A reporter committed to evidence.
    event Committed(address indexed reporter, bytes32 indexed commitment);
    /// @notice A validator was punished. `taken` went from its bond; `evidenceHash` is zero for one that was pending.
    event Punished(
        bytes32 indexed key,
        Offence indexed offence,
        bytes32 indexed placeId,
        uint64 epoch,
        uint256 taken,
        address reporter,
        bytes32 evidenceHash
    );
    /// @notice A slash waits for a veto, until `executableAt`.
    event SlashPending(
        uint256 indexed id,
        bytes32 indexed key,
        Offence indexed offence,
        bytes32 placeId,
        uint64 epoch,
        uint40 executableAt,
        address reporter,
        bytes32 evidenceHash
    );
    /// @notice A pending slash was vetoed; this evidence is spent.
    event SlashVetoed(uint256 indexed id);
    /// @notice A pending slash was executed.
    event SlashExecuted(uint256 indexed id);
    /// @notice `members` colluders at a place had `share` of the stake together (10^18 is all); the difference was taken.
    event CollusionPunished(bytes32 indexed placeId, uint256 members, uint256 share, uint256 taken);
    /// @notice A witness told what a lane was on another chain. An accumulator of zero: the lane had not come so far when the signature
    /// with this hash existed.
    event FactReceived(LaneId indexed lane, uint64 indexed nonce, bytes32 accumulator, bytes32 signatureHash);

    /// @notice The parameters do not fit together or the registry does not name this contract. Nothing was deployed.
    error InvalidSlashingConfig();
    /// @notice The Inbox or Outbox is known already, or an address or chain id is zero.
    error AlreadyKnownOrZero(uint256 chainId, address account);
    /// @notice Commit to `commitment` first, in an earlier block.
    error NotCommitted(bytes32 commitment);
    /// @notice The commitment is of this very block, or older than allowed.
    error CommitmentNotRipe(uint256 committedAt, uint256 ripeFrom, uint256 ripeUntil);
    /// @notice The validator was not a member in this epoch.
    error NotMember(bytes32 key, uint64 epoch);
    /// @notice The epoch's members answered for what they signed until `until`.
    error EvidenceExpired(uint64 epoch, uint256 until);
    /// @notice This offence of the validator at this place was submitted before, with whatever evidence.
    error EvidenceUsed(bytes32 key, Offence offence, bytes32 placeId);
    /// @notice Both signatures are of the same accumulator.
    error SameAccumulator(bytes32 accumulator);
    /// @notice The inner signature is valid: no offence.
    error InnerSignatureIsValid(bytes32 digest);
    /// @notice What was signed is true: no offence.
    error StatementIsTrue(bytes32 accumulator);
    /// @notice No witness has told yet what the lane was at `nonce`.
    error FactMissing(LaneId lane, uint64 nonce);
    /// @notice Only a witness may tell facts, through the Inbox of this chain.
    error NotFromWitness(address caller, bytes sender);
    /// @notice Too few validators for a collusion.
    error TooFewColluders(uint256 actual, uint256 least);
    /// @notice The key at `index` is not above the one before it.
    error ColludersNotAscending(uint256 index);
    /// @notice Nothing against safety was proven of the validator at this place.
    error NothingProven(bytes32 key, bytes32 placeId);
    /// @notice The proofs lie further apart than the window of a collusion.
    error ProofsTooFarApart(uint256 apart, uint256 window);
    /// @notice Points before `least` were claimed of this validator already.
    error PointsClaimed(uint256 from, uint256 least);
    /// @notice The validator is not at this place of the set.
    error NotAtIndex(bytes32 key, uint256 index);
    /// @notice The validator is missing in no more than half of the window.
    error LiveEnough(bytes32 key, uint256 missing, uint256 window);
    /// @notice No slash with this number is pending.
    error NotPending(uint256 id);
    /// @notice Only the vetoer may do this.
    error NotVetoer(address caller, address vetoer);
    /// @notice The time for a veto ended at `executableAt`.
    error VetoTooLate(uint256 id, uint256 executableAt);
    /// @notice The slash can be executed from `executableAt` on.
    error VetoStillPossible(uint256 id, uint256 executableAt);
}
