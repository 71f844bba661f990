// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Answer, IAttestedPoints, Point} from "./interfaces/IAttestedPoints.sol";
import {ISlashing} from "./interfaces/ISlashing.sol";
import {IValidatorRegistry} from "./interfaces/IValidatorRegistry.sol";
import {QuorumLib, Verifiers} from "./libraries/QuorumLib.sol";
import {LaneLib} from "./slashing/LaneLib.sol";
import {Signatures} from "./slashing/Signatures.sol";
import {Place, SignatureVerifiers} from "./slashing/SlashingTypes.sol";
import {Quorum, Scheme, ValidatorSet} from "./types/ValidatorSet.sol";

/// @title AttestedPoints
/// @notice See {IAttestedPoints}.
contract AttestedPoints is IAttestedPoints, Signatures {
    /// @dev Where a point is: its epoch, and its index plus one.
    struct Location {
        uint64 epoch;
        uint64 number;
    }

    /// @inheritdoc IAttestedPoints
    ISlashing public immutable SLASHING;
    /// @inheritdoc IAttestedPoints
    uint40 public immutable GRACE;

    /// @dev What quorums are checked with, as the Inboxes do.
    Verifiers private _quorumVerifiers;
    mapping(uint64 epoch => Point[] points) private _points;
    mapping(bytes32 digest => Location) private _locations;

    /// @param slashing Knows the Inboxes and Outboxes of the bridge.
    /// @param registry Where the sets are.
    /// @param verifiers The contracts that check single signatures.
    /// @param quorumVerifiers The contracts that check quorums.
    /// @param grace For how long after it was recorded a point's signers may be completed, in seconds.
    constructor(
        ISlashing slashing,
        IValidatorRegistry registry,
        SignatureVerifiers memory verifiers,
        Verifiers memory quorumVerifiers,
        uint40 grace
    ) Signatures(registry, verifiers) {
        require(grace != 0 && address(slashing) != address(0), InvalidPointsConfig());
        QuorumLib.requireValid(quorumVerifiers);
        (SLASHING, GRACE, _quorumVerifiers) = (slashing, grace, quorumVerifiers);
    }

    /// @inheritdoc IAttestedPoints
    function record(
        Place calldata place,
        uint256 originChainId,
        address outbox,
        bytes32 accumulator,
        Quorum calldata quorum
    ) external {
        _requireLane(place, originChainId, outbox);
        uint64 epoch = quorum.set.epoch;
        _requireSet(quorum.set);
        bytes32 digest = LaneLib.digest(place, accumulator, epoch);
        require(_locations[digest].number == 0, PointKnown(digest));
        QuorumLib.requireQuorum(quorum.set, quorum.signers, quorum.signature, _quorumVerifiers, digest);

        // Timestamps stay below 2^40 for 34,000 years.
        uint40 graceUntil = uint40(block.timestamp) + GRACE;
        uint256 index = _points[epoch].length;
        _points[epoch].push(Point(uint128(quorum.signers), graceUntil)); // a set has at most 126 members
        _locations[digest] = Location(epoch, uint64(index + 1));
        emit PointRecorded(epoch, index, digest, quorum.signers, graceUntil);
    }

    /// @inheritdoc IAttestedPoints
    function answer(ValidatorSet calldata set, Answer[] calldata answers) external {
        _requireSet(set);
        for (uint256 i = 0; i < answers.length; ++i) {
            bytes32 digest = answers[i].digest;
            Location memory location = _locations[digest];
            require(location.number != 0 && location.epoch == set.epoch, PointUnknown(digest));
            Point storage point = _points[set.epoch][location.number - 1];
            require(block.timestamp < point.graceUntil, GraceOver(digest, point.graceUntil));
            uint128 signers = point.signers | _answerers(set, answers[i]);
            point.signers = signers;
            emit PointAnswered(set.epoch, location.number - 1, signers);
        }
    }

    /// @inheritdoc IAttestedPoints
    function pointCount(uint64 epoch) external view returns (uint256) {
        return _points[epoch].length;
    }

    /// @inheritdoc IAttestedPoints
    function pointOf(uint64 epoch, uint256 index) external view returns (Point memory) {
        return _points[epoch][index];
    }

    /// @inheritdoc IAttestedPoints
    function missing(uint64 epoch, uint256 from, uint256 count, uint256 member) external view returns (uint256 absent) {
        Point[] storage points = _points[epoch];
        require(from + count <= points.length, PointsNotRecorded(from + count, points.length));
        for (uint256 i = from; i < from + count; ++i) {
            Point memory point = points[i];
            require(block.timestamp >= point.graceUntil, GraceNotOver(i, point.graceUntil));
            if ((point.signers >> member) & 1 == 0) ++absent;
        }
    }

    /// @dev The bits that an answer shows to have signed.
    function _answerers(ValidatorSet calldata set, Answer calldata given) private view returns (uint128) {
        if (set.scheme == Scheme.BLS12381) {
            _requireAggregate(set.members[0], given.digest, given.signature);
            return uint128(uint256(bytes32(given.signature))); // a set has at most 126 members
        }
        bytes32 key = set.members[given.index];
        require(_isEd25519(key, given.digest, given.signature), SignatureNotValid(key, given.digest));
        return uint128(1 << uint256(given.index)); // a set has at most 126 members
    }

    /// @dev Only places of this bridge's lanes: for these a quorum that attests to what is false can be slashed for it.
    function _requireLane(Place calldata place, uint256 originChainId, address outbox) private view {
        uint256 destination = SLASHING.destinationOf(place.domain);
        require(destination != 0, UnknownDomain(place.domain));
        bool isSource =
            LaneLib.isSetLane(originChainId, outbox, REGISTRY) ||
                SLASHING.witnessOf(originChainId, outbox) != address(0);
        require(isSource, UnknownSource(originChainId, outbox));
        LaneLib.requireLane(place, originChainId, outbox, destination);
    }
}
