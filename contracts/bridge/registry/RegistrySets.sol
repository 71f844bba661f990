// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IValidatorRegistry} from "../interfaces/IValidatorRegistry.sol";
import {QuorumLib} from "../libraries/QuorumLib.sol";
import {Scheme, ValidatorSet} from "../types/ValidatorSet.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Epoch, Operator, Seats, Validator} from "./RegistryTypes.sol";

/// @title How sets are formed, and who was in them
abstract contract RegistrySets is RegistryBase {
    using Checkpoints for Checkpoints.Trace208;
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @dev The most seats, and so members: as many as a set of BLS keys holds; below {QuorumLib-MAX_VALIDATORS}.
    uint256 private constant MOST_MEMBERS = 126;
    uint256 private constant LEAST_MEMBERS = 2;
    /// @dev Half; {threshold} is more than that anyway.
    uint16 private constant LEAST_THRESHOLD_BPS = 5_000;

    /// @inheritdoc IValidatorRegistry
    uint64 public epoch;
    /// @dev The last epoch whose set lost a member for an offence.
    uint64 private _lossEpoch;
    uint16 private _seats;
    /// @inheritdoc IValidatorRegistry
    uint16 public thresholdBps;
    /// @inheritdoc IValidatorRegistry
    Scheme public scheme;

    /// @inheritdoc IValidatorRegistry
    mapping(uint64 epoch => bytes32 setHash) public validatorSetHash;
    mapping(uint64 epoch => Epoch) private _epochs;
    mapping(bytes32 key => Checkpoints.Trace208 bonds) private _bonds;
    EnumerableSet.AddressSet private _admitted;

    constructor(Seats[] memory seats, uint16 thresholdBps_, Scheme scheme_) {
        _setThreshold(thresholdBps_);
        _setScheme(scheme_);
        for (uint256 i = 0; i < seats.length; ++i) _setOperator(seats[i].operator, seats[i].seats);
    }

    /// @inheritdoc IValidatorRegistry
    function setOperator(address operator, uint16 seats) external onlyGovernance {
        _setOperator(operator, seats);
    }

    /// @inheritdoc IValidatorRegistry
    function setThreshold(uint16 thresholdBps_) external onlyGovernance {
        _setThreshold(thresholdBps_);
    }

    /// @inheritdoc IValidatorRegistry
    function setScheme(Scheme scheme_) external onlyGovernance {
        _setScheme(scheme_);
    }

    /// @inheritdoc IValidatorRegistry
    function formSet(bytes32[] calldata keys, bytes[] calldata blsKeys) external nonReentrant returns (uint64 formed) {
        uint64 last = epoch;
        bool lostMember = last != 0 && _lossEpoch == last;
        uint256 due = last == 0 || lostMember ? 0 : uint256(_epochs[last].formedAt) + EPOCH_LENGTH;
        require(block.timestamp >= due, EpochTooShort(due));
        uint256 size = setSize();
        require(size >= LEAST_MEMBERS, TooFewMembers(size, LEAST_MEMBERS));
        require(keys.length == size, WrongSetSize(keys.length, size));

        formed = last + 1;
        epoch = formed;
        uint256 totalStake = _elect(formed, keys);
        // Timestamps stay below 2^40 for 34,000 years.
        uint40 expiresAt = uint40(block.timestamp) + VALIDITY;
        _epochs[formed] = Epoch(uint40(block.timestamp), expiresAt, SafeCast.toUint128(totalStake));
        ValidatorSet memory set = ValidatorSet({
            epoch: formed,
            expiresAt: expiresAt,
            overlap: lostMember ? 0 : OVERLAP,
            threshold: uint16(threshold(size)), // at most MOST_MEMBERS
            scheme: scheme,
            members: _members(keys, blsKeys)
        });
        bytes32 setHash = QuorumLib.hash(set);
        validatorSetHash[formed] = setHash;
        emit MembersElected(formed, keys, totalStake);
        emit ValidatorSetFormed(formed, setHash, set);
    }

    /// @inheritdoc IValidatorRegistry
    function memberOf(bytes32 key, uint64 epoch_) external view returns (uint256 stake, Epoch memory info) {
        return (stakeAt(key, epoch_), _epochs[epoch_]);
    }

    /// @inheritdoc IValidatorRegistry
    function totalStakeAt(uint64 epoch_) external view returns (uint256) {
        return _epochs[epoch_].totalStake;
    }

    /// @inheritdoc IValidatorRegistry
    function epochOf(uint64 epoch_) external view returns (Epoch memory) {
        return _epochs[epoch_];
    }

    /// @inheritdoc IValidatorRegistry
    function operators() external view returns (address[] memory) {
        return _admitted.values();
    }

    /// @inheritdoc IValidatorRegistry
    function withdrawableAt(bytes32 key) public view returns (uint256) {
        Validator storage validator = _validators[key];
        if (validator.exitedAt == 0) return 0;
        uint64 last = validator.lastEpoch;
        uint256 leftAt = 0;
        // Where nobody forms the set after its last one, that one still ends by itself.
        if (last != 0) leftAt = epoch > last ? _epochs[last + 1].formedAt : _epochs[last].expiresAt;
        return Math.max(validator.exitedAt, leftAt) + UNBONDING;
    }

    /// @inheritdoc IValidatorRegistry
    function stakeAt(bytes32 key, uint64 epoch_) public view returns (uint256) {
        // The end of a membership is written only when the next begins, so that leaving costs nobody gas.
        if (epoch_ > _validators[key].lastEpoch) return 0;
        return _bonds[key].upperLookupRecent(SafeCast.toUint48(epoch_));
    }

    /// @inheritdoc IValidatorRegistry
    /// @dev The greatest N at which the operators, each with at most {operatorCap}(N), have N members together. From above: as
    /// the cap only falls with N, each N that is too large leads to one that is still not below the greatest.
    function setSize() public view returns (uint256 size) {
        address[] memory accounts = _admitted.values();
        Operator[] memory admitted = new Operator[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) admitted[i] = _operators[accounts[i]];
        bool isBls = scheme == Scheme.BLS12381;
        uint256 next = MOST_MEMBERS;
        do {
            (size, next) = (next, 0);
            uint256 cap = operatorCap(size);
            for (uint256 i = 0; i < admitted.length; ++i) {
                uint256 eligible = isBls ? admitted[i].eligibleBls : admitted[i].eligible;
                next += Math.min(Math.min(eligible, admitted[i].seats), cap);
            }
        } while (next < size);
    }

    /// @inheritdoc IValidatorRegistry
    function operatorCap(uint256 size) public view returns (uint256) {
        return Math.max(1, (size * OPERATOR_CAP_BPS) / BPS);
    }

    /// @inheritdoc IValidatorRegistry
    function threshold(uint256 size) public view returns (uint256) {
        return Math.max(Math.max(LEAST_MEMBERS, size / 2 + 1), Math.ceilDiv(size * thresholdBps, BPS));
    }

    /// @dev Remembers that a member of the last set was lost: the next need not wait, and that set is not accepted beside it.
    function _noteLoss(Validator storage validator) internal {
        uint64 last = epoch;
        if (last != 0 && validator.lastEpoch == last) _lossEpoch = last;
    }

    /// @dev Checks the members, counts them for their operators and keeps their bonds. As {setSize} is the most that seats and
    /// caps allow, as many members as that which keep to both leave nobody out who could be in.
    function _elect(uint64 formed, bytes32[] calldata keys) private returns (uint256 totalStake) {
        uint48 epoch_ = SafeCast.toUint48(formed);
        uint256 cap = operatorCap(keys.length);
        bytes32 previous = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            require(keys[i] > previous, MembersNotAscending(i));
            previous = keys[i];
            totalStake += _electOne(previous, epoch_, cap);
        }
    }

    function _electOne(bytes32 key, uint48 formed, uint256 cap) private returns (uint256 bond) {
        Validator storage validator = _validators[key];
        bool isElectable = validator.isEligible && (scheme == Scheme.Ed25519 || validator.hasBls);
        require(isElectable, NotEligible(key));
        _count(validator.operator, formed, cap);
        bond = validator.bond;
        _keep(_bonds[key], validator.lastEpoch, formed, bond);
        validator.lastEpoch = formed;
    }

    function _count(address account, uint48 formed, uint256 cap) private {
        Operator storage operator = _operators[account];
        uint256 counted = operator.countedIn == formed ? operator.counted : 0;
        uint256 most = Math.min(cap, operator.seats);
        require(counted < most, OperatorCapExceeded(account, most));
        (operator.countedIn, operator.counted) = (formed, uint16(counted + 1)); // at most MOST_MEMBERS
    }

    /// @dev Only what changes is written: a member that stays with the bond that it had costs no new slot.
    function _keep(Checkpoints.Trace208 storage bonds, uint48 last, uint48 formed, uint256 bond) private {
        if (last != 0 && last + 1 < formed) bonds.push(last + 1, 0);
        if (bonds.latest() != bond) bonds.push(formed, uint208(bond)); // a bond has 128 bits
    }

    function _members(bytes32[] calldata keys, bytes[] calldata blsKeys) private returns (bytes32[] memory members) {
        if (scheme == Scheme.Ed25519) {
            require(blsKeys.length == 0, WrongBlsKeys(blsKeys.length, 0));
            return keys;
        }
        require(blsKeys.length == keys.length, WrongBlsKeys(blsKeys.length, keys.length));
        for (uint256 i = 0; i < keys.length; ++i) {
            (bytes32 actual, bytes32 expected) = (keccak256(blsKeys[i]), _validators[keys[i]].blsKeyHash);
            require(actual == expected, WrongBlsKey(keys[i], actual, expected));
        }
        members = new bytes32[](1);
        members[0] = KEY_SETS.createSet(blsKeys);
    }

    function _setOperator(address operator, uint16 seats) private {
        require(operator != address(0), ZeroAddress());
        uint256 total = uint256(_seats) - _operators[operator].seats + seats;
        require(total <= MOST_MEMBERS, TooManySeats(total, MOST_MEMBERS));
        _seats = uint16(total); // at most MOST_MEMBERS
        _operators[operator].seats = seats;
        if (seats == 0) _admitted.remove(operator);
        else _admitted.add(operator);
        emit OperatorSet(operator, seats);
    }

    function _setThreshold(uint16 thresholdBps_) private {
        require(
            thresholdBps_ >= LEAST_THRESHOLD_BPS && thresholdBps_ <= BPS,
            InvalidShare(thresholdBps_, LEAST_THRESHOLD_BPS, BPS)
        );
        thresholdBps = thresholdBps_;
        emit ThresholdSet(thresholdBps_);
    }

    function _setScheme(Scheme scheme_) private {
        scheme = scheme_;
        emit SchemeSet(scheme_);
    }
}
