// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBLS12381SetVerifier} from "../crypto/interfaces/IBLS12381SetVerifier.sol";
import {IEd25519BatchVerifier} from "../crypto/interfaces/IEd25519BatchVerifier.sol";
import {IEd25519KeyRegistry} from "../crypto/interfaces/IEd25519KeyRegistry.sol";
import {IKeyVerifier} from "../crypto/interfaces/IKeyVerifier.sol";
import {Guarded} from "./Guarded.sol";
import {IValidatorSets} from "./interfaces/IValidatorSets.sol";
import {AttestationLib} from "./libraries/AttestationLib.sol";
import {MessageLib} from "./libraries/MessageLib.sol";
import {QuorumLib, Verifiers} from "./libraries/QuorumLib.sol";
import {LaneId} from "./types/Message.sol";
import {Quorum, ValidatorSet} from "./types/ValidatorSet.sol";

/// @notice Where the validator sets come from.
/// @param chainId The EIP-155 id of the home chain.
/// @param registry The ValidatorRegistry there.
/// @param first The set to begin with, usually the current one of the registry.
struct Sets {
    uint256 chainId;
    address registry;
    ValidatorSet first;
}

/// @title The validator sets that an Inbox listens to
/// @notice See {IValidatorSets}.
abstract contract ValidatorSets is IValidatorSets, Guarded {
    /// @dev A set that governance proposed, see {proposeRecovery}.
    struct Recovery {
        bytes32 setHash;
        uint64 executableAt;
    }

    /// @inheritdoc IValidatorSets
    uint64 public constant RECOVERY_DELAY = 14 days;

    /// @inheritdoc IValidatorSets
    uint256 public immutable HOME_CHAIN_ID;
    /// @inheritdoc IValidatorSets
    address public immutable REGISTRY;

    bytes32 private immutable DOMAIN = AttestationLib.domain(block.chainid, address(this));
    uint256 private immutable DOMAIN_CHAIN_ID = block.chainid;
    IEd25519KeyRegistry private immutable KEYS;
    IEd25519BatchVerifier private immutable BATCH;
    IKeyVerifier private immutable SINGLE;
    IBLS12381SetVerifier private immutable BLS;

    /// @inheritdoc IValidatorSets
    uint64 public currentEpoch;
    /// @inheritdoc IValidatorSets
    uint64 public previousUntil;
    /// @inheritdoc IValidatorSets
    mapping(uint64 epoch => bytes32 setHash) public validatorSetHash;
    /// @inheritdoc IValidatorSets
    Recovery public recovery;

    constructor(Verifiers memory verifiers_, Sets memory sets) {
        QuorumLib.requireValid(verifiers_);
        require(sets.chainId != 0 && sets.registry != address(0), InvalidRegistry(sets.chainId, sets.registry));
        require(sets.first.epoch > 0, InvalidEpoch(sets.first.epoch, 1));

        (KEYS, BATCH, SINGLE, BLS) = (verifiers_.keys, verifiers_.batch, verifiers_.single, verifiers_.bls);
        (HOME_CHAIN_ID, REGISTRY) = (sets.chainId, sets.registry);
        QuorumLib.requireValid(sets.first, verifiers_);
        _activate(sets.first, QuorumLib.hash(sets.first));
    }

    /// @inheritdoc IValidatorSets
    function rotate(ValidatorSet calldata next, Quorum calldata quorum) external {
        // Only the current set names its successor: one that is on its way out must not.
        require(quorum.set.epoch == currentEpoch, EpochNotActive(quorum.set.epoch, currentEpoch));
        require(next.epoch == currentEpoch + 1, InvalidEpoch(next.epoch, currentEpoch + 1));
        QuorumLib.requireValid(next, verifiers());
        bytes32 setHash = QuorumLib.hashOf(next);
        _requireAttested(setLane(), next.epoch, setHash, quorum);

        previousUntil = uint64(block.timestamp) + next.overlap;
        _activate(next, setHash);
    }

    /// @inheritdoc IValidatorSets
    function proposeRecovery(ValidatorSet calldata current, ValidatorSet calldata next) external onlyGovernance {
        require(current.epoch == currentEpoch, EpochNotActive(current.epoch, currentEpoch));
        _requireKnown(current);
        require(block.timestamp >= current.expiresAt, QuorumNotLost(current.expiresAt));
        require(next.epoch > currentEpoch, InvalidEpoch(next.epoch, currentEpoch + 1));
        QuorumLib.requireValid(next, verifiers());
        uint64 executableAt = uint64(block.timestamp) + RECOVERY_DELAY;
        require(next.expiresAt > executableAt, QuorumLib.SetExpired(next.epoch, next.expiresAt));

        bytes32 setHash = QuorumLib.hashOf(next);
        recovery = Recovery(setHash, executableAt);
        emit RecoveryProposed(next.epoch, setHash, executableAt, next);
    }

    /// @inheritdoc IValidatorSets
    function cancelRecovery() external onlyGovernance {
        bytes32 setHash = recovery.setHash;
        require(setHash != 0, NoRecovery(setHash));
        delete recovery;
        emit RecoveryCancelled(setHash);
    }

    /// @inheritdoc IValidatorSets
    function executeRecovery(ValidatorSet calldata next) external {
        bytes32 setHash = QuorumLib.hashOf(next);
        require(setHash == recovery.setHash, NoRecovery(setHash));
        require(block.timestamp >= recovery.executableAt, RecoveryTooSoon(recovery.executableAt));
        // Again: it may have expired since.
        QuorumLib.requireValid(next, verifiers());

        delete recovery;
        previousUntil = 0;
        _activate(next, setHash);
    }

    /// @inheritdoc IValidatorSets
    function setLane() public view returns (LaneId) {
        return MessageLib.laneId(HOME_CHAIN_ID, REGISTRY, block.chainid);
    }

    /// @inheritdoc IValidatorSets
    function verifiers() public view returns (Verifiers memory) {
        return Verifiers(KEYS, BATCH, SINGLE, BLS);
    }

    /// @inheritdoc IValidatorSets
    function domain() public view returns (bytes32) {
        // After a fork the chain's id is another, and so is the domain.
        return block.chainid == DOMAIN_CHAIN_ID ? DOMAIN : AttestationLib.domain(block.chainid, address(this));
    }

    /// @dev Reverts unless a quorum of an epoch that is good now attested to this point of the lane.
    function _requireAttested(LaneId lane, uint64 nonce, bytes32 accumulator, Quorum calldata quorum) internal view {
        ValidatorSet calldata set = quorum.set;
        uint64 epoch = set.epoch;
        (uint64 current, uint64 until) = (currentEpoch, previousUntil);
        bool active = epoch == current || (epoch < current && current - epoch == 1 && block.timestamp < until);
        require(active, EpochNotActive(epoch, current));
        _requireKnown(set);
        bytes32 digest = AttestationLib.digest(domain(), lane, nonce, accumulator, epoch);
        QuorumLib.requireQuorum(set, quorum.signers, quorum.signature, verifiers(), digest);
    }

    function _activate(ValidatorSet memory set, bytes32 setHash) private {
        currentEpoch = set.epoch;
        validatorSetHash[set.epoch] = setHash;
        emit ValidatorSetActivated(set.epoch, setHash, set);
    }

    /// @dev An epoch that never was has the hash zero, which no set has.
    function _requireKnown(ValidatorSet calldata set) private view {
        (bytes32 actual, bytes32 expected) = (QuorumLib.hashOf(set), validatorSetHash[set.epoch]);
        require(actual == expected, UnknownValidatorSet(set.epoch, actual, expected));
    }
}
