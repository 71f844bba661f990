// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Governed} from "../Governed.sol";
import {ISlashing} from "../interfaces/ISlashing.sol";
import {AttestationLib} from "../libraries/AttestationLib.sol";
import {Epoch} from "../registry/RegistryTypes.sol";
import {LaneLib} from "./LaneLib.sol";
import {Signatures} from "./Signatures.sol";
import {Destination, Offence, Place, Record, SlashingConfig, Source} from "./SlashingTypes.sol";

/// @title What every kind of evidence needs: domains, commitments, the record of what was used, and the punishment
abstract contract SlashingBase is ISlashing, Signatures, Governed, ReentrancyGuardTransient {
    uint256 private constant BPS = 10_000;

    /// @inheritdoc ISlashing
    address public immutable INBOX;
    /// @inheritdoc ISlashing
    uint40 public immutable COMMIT_LIFE;
    uint256 private immutable EVIDENCE_WINDOW;

    /// @inheritdoc ISlashing
    mapping(bytes32 domain => uint256 chainId) public destinationOf;
    /// @inheritdoc ISlashing
    mapping(uint256 chainId => mapping(address outbox => address witness)) public witnessOf;
    /// @inheritdoc ISlashing
    mapping(address reporter => mapping(bytes32 commitment => uint256 timestamp)) public committedAt;
    mapping(bytes32 placeId => mapping(bytes32 key => Record)) internal _records;

    constructor(
        SlashingConfig memory config,
        Destination[] memory destinations,
        Source[] memory sources
    ) Signatures(config.registry, config.verifiers) Governed(config.governance) {
        bool isNamed = config.registry.SLASHING() == address(this);
        require(isNamed && config.inbox != address(0) && config.commitLife != 0, InvalidSlashingConfig());
        (INBOX, COMMIT_LIFE) = (config.inbox, config.commitLife);
        EVIDENCE_WINDOW = config.registry.EVIDENCE_WINDOW();
        for (uint256 i = 0; i < destinations.length; ++i) {
            _addDestination(destinations[i].chainId, destinations[i].inbox);
        }
        for (uint256 i = 0; i < sources.length; ++i) {
            _addSource(sources[i].chainId, sources[i].outbox, sources[i].witness);
        }
    }

    /// @inheritdoc ISlashing
    function commit(bytes32 commitment) external {
        committedAt[msg.sender][commitment] = block.timestamp;
        emit Committed(msg.sender, commitment);
    }

    /// @inheritdoc ISlashing
    function addDestination(uint256 chainId, address inbox) external onlyGovernance {
        _addDestination(chainId, inbox);
    }

    /// @inheritdoc ISlashing
    function addSource(uint256 chainId, address outbox, address witness) external onlyGovernance {
        _addSource(chainId, outbox, witness);
    }

    /// @inheritdoc ISlashing
    function recordOf(bytes32 key, Place calldata place) external view returns (Record memory) {
        return _records[_placeId(place)][key];
    }

    /// @inheritdoc ISlashing
    function commitmentOf(bytes32 evidenceHash, address reporter, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(evidenceHash, reporter, salt));
    }

    /// @dev The commitment names its reporter, so that a copy of it is of no use; and it is kept by caller, so that nobody can renew
    /// another's and so delay it. A later timestamp is a later block.
    function _reveal(bytes32 evidenceHash, bytes32 salt) internal {
        bytes32 commitment = commitmentOf(evidenceHash, msg.sender, salt);
        uint256 since = committedAt[msg.sender][commitment];
        require(since != 0, NotCommitted(commitment));
        require(
            block.timestamp > since && block.timestamp <= since + COMMIT_LIFE,
            CommitmentNotRipe(since, since + 1, since + COMMIT_LIFE)
        );
        delete committedAt[msg.sender][commitment];
    }

    /// @dev The validator's stake in the epoch. Reverts when it had none, or when the time to answer for it is over.
    function _answerable(bytes32 key, uint64 epoch) internal view returns (uint256 stake) {
        Epoch memory info;
        (stake, info) = REGISTRY.memberOf(key, epoch);
        require(stake > 0, NotMember(key, epoch));
        uint256 until = info.expiresAt + EVIDENCE_WINDOW;
        require(block.timestamp <= until, EvidenceExpired(epoch, until));
    }

    /// @dev Not by the evidence's bytes: a signer can make many valid signatures of one message, all proving one offence.
    function _use(bytes32 key, Offence offence, bytes32 placeId) internal {
        uint8 bit = uint8(1 << uint256(offence));
        Record storage kept = _records[placeId][key];
        require(kept.offences & bit == 0, EvidenceUsed(key, offence, placeId));
        kept.offences |= bit;
    }

    /// @dev Takes the penalty, and puts the validator in jail or out for good.
    function _punish(bytes32 key, Offence offence, uint256 stake, address reporter) internal returns (uint256 taken) {
        taken = REGISTRY.slash(key, (stake * _penaltyBps(offence)) / BPS, reporter);
        if (_isAgainstSafety(offence)) REGISTRY.tombstone(key);
        else REGISTRY.jail(key);
    }

    /// @dev Keeps what {collude} starts from.
    function _remember(bytes32 key, bytes32 placeId, uint64 epoch, uint256 taken) internal {
        Record storage kept = _records[placeId][key];
        // Timestamps stay below 2^40 for 34,000 years.
        if (kept.provenAt == 0) (kept.epoch, kept.provenAt) = (epoch, uint40(block.timestamp));
        kept.paid += uint128(taken); // bonds have 128 bits
    }

    function _requireLane(Place calldata place, uint256 originChainId, address outbox) internal view {
        bool isSource =
            LaneLib.isSetLane(originChainId, outbox, REGISTRY) || witnessOf[originChainId][outbox] != address(0);
        require(isSource, UnknownSource(originChainId, outbox));
        LaneLib.requireLane(place, originChainId, outbox, _destination(place.domain));
    }

    function _destination(bytes32 domain) internal view returns (uint256 chainId) {
        chainId = destinationOf[domain];
        require(chainId != 0, UnknownDomain(domain));
    }

    function _placeId(Place calldata place) internal pure returns (bytes32) {
        return keccak256(abi.encode(place));
    }

    function _digest(Place calldata place, bytes32 accumulator, uint64 epoch) internal pure returns (bytes32) {
        return LaneLib.digest(place, accumulator, epoch);
    }

    function _isAgainstSafety(Offence offence) internal pure returns (bool) {
        return offence == Offence.DoubleSigning || offence == Offence.FalseProof;
    }

    /// @dev In hundredths of a percent of the stake.
    function _penaltyBps(Offence offence) private pure returns (uint256) {
        if (offence == Offence.DoubleSigning) return 500;
        return offence == Offence.FalseProof ? BPS : 100;
    }

    function _addDestination(uint256 chainId, address inbox) private {
        bytes32 domain = AttestationLib.domain(chainId, inbox);
        require(chainId != 0 && inbox != address(0) && destinationOf[domain] == 0, AlreadyKnownOrZero(chainId, inbox));
        destinationOf[domain] = chainId;
        emit DestinationAdded(chainId, inbox, domain);
    }

    function _addSource(uint256 chainId, address outbox, address witness) private {
        bool isNew = witnessOf[chainId][outbox] == address(0);
        require(
            isNew && chainId != 0 && outbox != address(0) && witness != address(0),
            AlreadyKnownOrZero(chainId, outbox)
        );
        witnessOf[chainId][outbox] = witness;
        emit SourceAdded(chainId, outbox, witness);
    }
}
