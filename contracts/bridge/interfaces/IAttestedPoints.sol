// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Place} from "../slashing/SlashingTypes.sol";
import {Quorum, ValidatorSet} from "../types/ValidatorSet.sol";
import {IEvidence} from "./IEvidence.sol";
import {ISlashing} from "./ISlashing.sol";

/// @notice One more signature for a recorded point.
/// @param digest What was signed: the point's attestation.
/// @param index Who signed, for sets of Ed25519 keys.
/// @param signature Ed25519: 64 or 96 bytes. BLS12381: a bitmap of the set's members and the sum of their signatures, 160 bytes.
struct Answer {
    bytes32 digest;
    uint16 index;
    bytes signature;
}

/// @notice A recorded point: who signed it, by bits, and until when this can be completed (Unix seconds).
struct Point {
    uint128 signers;
    uint40 graceUntil;
}

/// @title A log of points that quorums attested to, and of who signed each
/// @notice On the home chain, for claims of downtime. Anybody records points, and may choose which. That harms no validator that is
/// there: it has {GRACE} to add its signature to each of them, whatever a relayer left out. So what a claim shows is not that some
/// relayer did not see the validator, but that the validator did not answer.
interface IAttestedPoints is IEvidence {
    /// @notice The `index`-th point of an epoch was recorded; its signers can be completed until `graceUntil`.
    event PointRecorded(
        uint64 indexed epoch,
        uint256 indexed index,
        bytes32 indexed digest,
        uint256 signers,
        uint40 graceUntil
    );
    /// @notice Signers were added to a recorded point; `signers` are all of them.
    event PointAnswered(uint64 indexed epoch, uint256 indexed index, uint256 signers);

    /// @notice The grace is zero or there is no slashing contract. The log was not deployed.
    error InvalidPointsConfig();
    /// @notice The point was recorded before.
    error PointKnown(bytes32 digest);
    /// @notice The point was not recorded, or in another epoch.
    error PointUnknown(bytes32 digest);
    /// @notice The point's signers could be completed until `graceUntil`.
    error GraceOver(bytes32 digest, uint256 graceUntil);
    /// @notice The point's signers can still be completed, until `graceUntil`.
    error GraceNotOver(uint256 index, uint256 graceUntil);
    /// @notice Fewer points are recorded than asked for.
    error PointsNotRecorded(uint256 end, uint256 count);

    /// @notice Records a point that a quorum attested to, before its set expires. Until {GRACE} later {answer} completes the signers.
    /// @param originChainId Where the lane begins.
    /// @param outbox The Outbox there, or the registry.
    function record(
        Place calldata place,
        uint256 originChainId,
        address outbox,
        bytes32 accumulator,
        Quorum calldata quorum
    ) external;

    /// @notice Adds signatures to recorded points of one epoch within their grace. Anybody who has them may.
    /// @param set The set of that epoch.
    function answer(ValidatorSet calldata set, Answer[] calldata answers) external;

    /// @notice The contract that knows the Inboxes and Outboxes of the bridge.
    function SLASHING() external view returns (ISlashing);

    /// @notice For how long after it was recorded a point's signers may be completed, in seconds.
    function GRACE() external view returns (uint40);

    /// @notice How many points of an epoch are recorded.
    function pointCount(uint64 epoch) external view returns (uint256);

    /// @notice A recorded point.
    function pointOf(uint64 epoch, uint256 index) external view returns (Point memory);

    /// @notice In how many of the `count` points from `from` on the `member`-th member is missing. Reverts while the grace of one of them
    /// lasts, and where they are not recorded.
    function missing(uint64 epoch, uint256 from, uint256 count, uint256 member) external view returns (uint256);
}
