// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IValidatorRegistry} from "./interfaces/IValidatorRegistry.sol";
import {RegistryBase} from "./registry/RegistryBase.sol";
import {RegistrySets} from "./registry/RegistrySets.sol";
import {Admission, Operator, RegistryConfig, Seats, Validator} from "./registry/RegistryTypes.sol";
import {Scheme} from "./types/ValidatorSet.sol";

/// @title ValidatorRegistry
/// @notice See {IValidatorRegistry}.
contract ValidatorRegistry is RegistrySets {
    /// @dev Separates proofs of possession from everything else that a validator might sign.
    bytes32 private constant JOIN_TYPEHASH = keccak256(
        "dchat.Join/1(uint256 chainId,address registry,address operator,bytes32 key,bytes32 blsKeyHash)"
    );

    modifier onlySlashing() {
        require(msg.sender == SLASHING, NotSlashing(msg.sender, SLASHING));
        _;
    }

    /// @param config What never changes.
    /// @param seats The first operators.
    /// @param thresholdBps_ The share of the members that must sign.
    /// @param scheme_ How the members of the first sets sign.
    constructor(
        RegistryConfig memory config,
        Seats[] memory seats,
        uint16 thresholdBps_,
        Scheme scheme_
    ) RegistryBase(config) RegistrySets(seats, thresholdBps_, scheme_) {}

    /// @inheritdoc IValidatorRegistry
    function join(Admission calldata admission) external payable nonReentrant {
        bytes32 key = admission.key;
        Operator storage operator = _operators[msg.sender];
        require(operator.validators < operator.seats, NoSeat(msg.sender, operator.validators, operator.seats));
        require(_validators[key].operator == address(0), KeyUsed(key));
        require(admission.bond >= MINIMUM_BOND, BondTooSmall(admission.bond, MINIMUM_BOND));
        require(ED25519.isValidKey(abi.encodePacked(key)), KeyRefused(key));
        bytes32 blsKeyHash = admission.blsKey.length == 0 ? bytes32(0) : keccak256(admission.blsKey);
        bytes32 digest = joinDigest(msg.sender, key, blsKeyHash);
        _requireSigned(ED25519, abi.encodePacked(key), digest, admission.proof);

        Validator storage validator = _validators[key];
        validator.operator = msg.sender;
        ++operator.validators;
        if (blsKeyHash != 0) _setBlsKey(validator, key, admission.blsKey, digest, admission.blsProof);
        _addBond(validator, admission.bond);
        emit ValidatorJoined(key, msg.sender, admission.bond, blsKeyHash);
        _collect(admission.bond);
    }

    /// @inheritdoc IValidatorRegistry
    function addBlsKey(bytes32 key, bytes calldata blsKey, bytes calldata blsProof) external {
        Validator storage validator = _own(key);
        require(validator.exitedAt == 0, ValidatorGone(key));
        require(!validator.hasBls, BlsKeyPresent(key, validator.blsKeyHash));
        _setBlsKey(validator, key, blsKey, joinDigest(msg.sender, key, keccak256(blsKey)), blsProof);
        if (validator.isEligible) ++_operators[msg.sender].eligibleBls;
    }

    /// @inheritdoc IValidatorRegistry
    function topUp(bytes32 key, uint128 amount) external payable nonReentrant {
        Validator storage validator = _own(key);
        require(validator.exitedAt == 0, ValidatorGone(key));
        require(amount > 0, NothingToPay());
        _addBond(validator, amount);
        emit BondAdded(key, amount, validator.bond);
        _collect(amount);
    }

    /// @inheritdoc IValidatorRegistry
    function exit(bytes32 key) external {
        Validator storage validator = _own(key);
        require(validator.exitedAt == 0, ValidatorGone(key));
        _leave(validator);
        emit ValidatorExited(key);
    }

    /// @inheritdoc IValidatorRegistry
    function withdraw(bytes32 key, address to) external nonReentrant {
        Validator storage validator = _own(key);
        require(validator.exitedAt != 0, NotExited(key));
        require(validator.holds == 0, SlashIsPending(key, validator.holds));
        uint256 due = withdrawableAt(key);
        require(block.timestamp >= due, StillBonded(key, due));
        uint128 amount = validator.bond;
        require(amount > 0, NothingToPay());

        validator.bond = 0;
        _bonded -= amount;
        emit BondWithdrawn(key, to, amount);
        _pay(to, amount);
    }

    /// @inheritdoc IValidatorRegistry
    function unjail(bytes32 key) external {
        Validator storage validator = _own(key);
        require(validator.exitedAt == 0, ValidatorGone(key));
        require(validator.jailedUntil != 0, NotJailed(key));
        require(block.timestamp >= validator.jailedUntil, StillJailed(key, validator.jailedUntil));
        require(validator.bond >= MINIMUM_BOND, BondTooSmall(validator.bond, MINIMUM_BOND));
        validator.jailedUntil = 0;
        _refresh(validator);
        emit ValidatorUnjailed(key);
    }

    /// @inheritdoc IValidatorRegistry
    function slash(
        bytes32 key,
        uint256 amount,
        address reporter
    ) external onlySlashing nonReentrant returns (uint256 taken) {
        Validator storage validator = _known(key);
        uint128 bond = validator.bond;
        taken = Math.min(amount, bond);
        uint256 reward = reporter == address(0) ? 0 : (taken * REWARD_BPS) / BPS;

        // `taken` is at most `bond`, so the casts keep every bit.
        validator.bond = bond - uint128(taken);
        (_bonded, _slashed) = (_bonded - uint128(taken), _slashed + uint128(taken - reward));
        if (reward != 0) rewardOf[reporter] += reward;
        _refresh(validator);
        emit BondSlashed(key, taken, reporter, reward);
    }

    /// @inheritdoc IValidatorRegistry
    function jail(bytes32 key) external onlySlashing {
        Validator storage validator = _known(key);
        if (validator.isTombstoned) return;
        // Timestamps stay below 2^40 for 34,000 years.
        validator.jailedUntil = uint40(block.timestamp) + JAIL_TIME;
        _refresh(validator);
        _noteLoss(validator);
        emit ValidatorJailed(key, validator.jailedUntil);
    }

    /// @inheritdoc IValidatorRegistry
    function tombstone(bytes32 key) external onlySlashing {
        Validator storage validator = _known(key);
        if (validator.isTombstoned) return;
        validator.isTombstoned = true;
        _leave(validator);
        _noteLoss(validator);
        emit ValidatorTombstoned(key);
    }

    /// @inheritdoc IValidatorRegistry
    function hold(bytes32 key) external onlySlashing {
        uint16 holds = ++_known(key).holds;
        emit BondHeld(key, holds);
    }

    /// @inheritdoc IValidatorRegistry
    function release(bytes32 key) external onlySlashing {
        uint16 holds = --_known(key).holds;
        emit BondReleased(key, holds);
    }

    /// @inheritdoc IValidatorRegistry
    function joinDigest(address operator, bytes32 key, bytes32 blsKeyHash) public view returns (bytes32) {
        return keccak256(abi.encode(JOIN_TYPEHASH, block.chainid, address(this), operator, key, blsKeyHash));
    }

    /// @dev Frees the seat and starts the unbonding time: for one that was tombstoned after its exit, anew.
    function _leave(Validator storage validator) private {
        if (validator.exitedAt == 0) --_operators[validator.operator].validators;
        validator.exitedAt = uint40(block.timestamp);
        _refresh(validator);
    }

    /// @dev Possession is shown to this registry, so that nobody's key is taken by another, and to the key sets, which add keys up.
    function _setBlsKey(
        Validator storage validator,
        bytes32 key,
        bytes calldata blsKey,
        bytes32 digest,
        bytes calldata proof
    ) private {
        bytes32 blsKeyHash = keccak256(blsKey);
        require(validatorOfBls[blsKeyHash] == 0, KeyUsed(blsKeyHash));
        require(KEY_SETS.isProven(blsKeyHash), BlsKeyNotProven(blsKeyHash));
        _requireSigned(BLS, blsKey, digest, proof);
        validatorOfBls[blsKeyHash] = key;
        (validator.hasBls, validator.blsKeyHash) = (true, blsKeyHash);
        emit BlsKeyAdded(key, blsKeyHash);
    }

    function _requireSigned(
        IERC7913SignatureVerifier verifier,
        bytes memory key,
        bytes32 digest,
        bytes calldata proof
    ) private view {
        bool isSigned = verifier.verify(key, digest, proof) == IERC7913SignatureVerifier.verify.selector;
        require(isSigned, InvalidPossession(key.length == 32 ? bytes32(key) : keccak256(key), digest));
    }
}
