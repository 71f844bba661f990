// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBLS12381KeySets} from "../../crypto/interfaces/IBLS12381KeySets.sol";
import {IKeyVerifier} from "../../crypto/interfaces/IKeyVerifier.sol";
import {Governed} from "../Governed.sol";
import {IValidatorRegistry} from "../interfaces/IValidatorRegistry.sol";
import {Operator, RegistryConfig, Validator} from "./RegistryTypes.sol";

/// @title What is fixed about a registry, its validators and its books
abstract contract RegistryBase is IValidatorRegistry, Governed, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 internal constant BPS = 10_000;

    /// @inheritdoc IValidatorRegistry
    IERC20 public immutable TOKEN;
    /// @inheritdoc IValidatorRegistry
    address public immutable SLASHING;
    /// @inheritdoc IValidatorRegistry
    address public immutable TREASURY;
    /// @inheritdoc IValidatorRegistry
    uint128 public immutable MINIMUM_BOND;
    /// @inheritdoc IValidatorRegistry
    uint16 public immutable OPERATOR_CAP_BPS;
    /// @inheritdoc IValidatorRegistry
    uint16 public immutable REWARD_BPS;
    /// @inheritdoc IValidatorRegistry
    uint40 public immutable UNBONDING;
    /// @inheritdoc IValidatorRegistry
    uint40 public immutable VALIDITY;
    /// @inheritdoc IValidatorRegistry
    uint40 public immutable EVIDENCE_WINDOW;
    /// @inheritdoc IValidatorRegistry
    uint32 public immutable OVERLAP;
    /// @inheritdoc IValidatorRegistry
    uint40 public immutable EPOCH_LENGTH;
    /// @inheritdoc IValidatorRegistry
    uint40 public immutable JAIL_TIME;
    IKeyVerifier internal immutable ED25519;
    IKeyVerifier internal immutable BLS;
    IBLS12381KeySets internal immutable KEY_SETS;

    mapping(bytes32 key => Validator validator) internal _validators;
    mapping(address operator => Operator) internal _operators;
    /// @inheritdoc IValidatorRegistry
    mapping(bytes32 blsKeyHash => bytes32 key) public validatorOfBls;
    /// @inheritdoc IValidatorRegistry
    mapping(address reporter => uint256 amount) public rewardOf;

    /// @dev Deposits less payouts. Rewards are what is neither bonded nor slashed, so a slash writes one slot of books.
    uint256 private _held;
    uint128 internal _bonded;
    uint128 internal _slashed;

    constructor(RegistryConfig memory config) Governed(config.governance) {
        require(config.slashing != address(0) && config.treasury != address(0), ZeroAddress());
        // Whoever leaves the sets now was in one that is accepted for VALIDITY at most from now on, and answers for what it
        // signed until EVIDENCE_WINDOW later. Strictly longer, so that the last evidence finds a bond.
        uint256 answerable = uint256(config.validity) + config.evidenceWindow;
        require(config.unbonding > answerable, UnbondingTooShort(config.unbonding, answerable));
        // At most half: then one operator's members are always fewer than the threshold, which is more than half.
        require(
            config.operatorCapBps > 0 && config.operatorCapBps <= BPS / 2,
            InvalidShare(config.operatorCapBps, 1, BPS / 2)
        );
        // At most half: reporting oneself must not bring most of the penalty back.
        require(config.rewardBps <= BPS / 2, InvalidShare(config.rewardBps, 0, BPS / 2));
        require(config.minimumBond > 0 && config.validity > config.epochLength, ZeroParameter());

        (TOKEN, SLASHING, TREASURY) = (config.token, config.slashing, config.treasury);
        (ED25519, BLS, KEY_SETS) = (config.ed25519, config.bls, config.keySets);
        (MINIMUM_BOND, OPERATOR_CAP_BPS, REWARD_BPS) = (config.minimumBond, config.operatorCapBps, config.rewardBps);
        (UNBONDING, VALIDITY, EVIDENCE_WINDOW) = (config.unbonding, config.validity, config.evidenceWindow);
        (OVERLAP, EPOCH_LENGTH, JAIL_TIME) = (config.overlap, config.epochLength, config.jailTime);
    }

    /// @inheritdoc IValidatorRegistry
    function claimReward(address to) external nonReentrant {
        uint256 amount = rewardOf[msg.sender];
        require(amount > 0, NothingToPay());
        delete rewardOf[msg.sender];
        emit RewardClaimed(msg.sender, to, amount);
        _pay(to, amount);
    }

    /// @inheritdoc IValidatorRegistry
    function payTreasury() external nonReentrant {
        uint256 amount = _slashed;
        require(amount > 0, NothingToPay());
        _slashed = 0;
        emit TreasuryPaid(TREASURY, amount);
        _pay(TREASURY, amount);
    }

    /// @inheritdoc IValidatorRegistry
    function validatorOf(bytes32 key) external view returns (Validator memory) {
        return _validators[key];
    }

    /// @inheritdoc IValidatorRegistry
    function operatorOf(address operator) external view returns (Operator memory) {
        return _operators[operator];
    }

    /// @inheritdoc IValidatorRegistry
    function funds() external view returns (uint256 held, uint256 bonded, uint256 slashed, uint256 rewards) {
        (held, bonded, slashed) = (_held, _bonded, _slashed);
        rewards = held - bonded - slashed;
    }

    /// @dev Keeps `isEligible` and the operator's counts true. Called after whatever may change them.
    function _refresh(Validator storage validator) internal {
        bool isEligible =
            validator.exitedAt == 0 &&
                validator.jailedUntil == 0 &&
                !validator.isTombstoned &&
                validator.bond >= MINIMUM_BOND;
        if (isEligible == validator.isEligible) return;
        validator.isEligible = isEligible;
        Operator storage operator = _operators[validator.operator];
        if (isEligible) {
            ++operator.eligible;
            if (validator.hasBls) ++operator.eligibleBls;
        } else {
            --operator.eligible;
            if (validator.hasBls) --operator.eligibleBls;
        }
    }

    /// @dev Books `amount` for a bond. {_collect} must follow.
    function _addBond(Validator storage validator, uint128 amount) internal {
        validator.bond += amount;
        _bonded += amount;
        _held += amount;
        _refresh(validator);
    }

    /// @dev Takes what {_addBond} has booked. A token that hands over anything else is refused.
    function _collect(uint256 amount) internal {
        bool isNative = address(TOKEN) == address(0);
        require(msg.value == (isNative ? amount : 0), ValueMismatch(msg.value, isNative ? amount : 0));
        if (isNative) return;
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        require(received == amount, AmountMismatch(received, amount));
    }

    function _pay(address to, uint256 amount) internal {
        require(to != address(0), ZeroAddress());
        _held -= amount;
        if (address(TOKEN) == address(0)) Address.sendValue(payable(to), amount);
        else TOKEN.safeTransfer(to, amount);
    }

    /// @dev The validator of `key`, which the caller must operate.
    function _own(bytes32 key) internal view returns (Validator storage validator) {
        validator = _known(key);
        require(msg.sender == validator.operator, NotOperator(msg.sender, validator.operator));
    }

    function _known(bytes32 key) internal view returns (Validator storage validator) {
        validator = _validators[key];
        require(validator.operator != address(0), UnknownValidator(key));
    }
}
