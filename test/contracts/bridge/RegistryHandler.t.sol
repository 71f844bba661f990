// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IValidatorRegistry} from "../../../contracts/bridge/interfaces/IValidatorRegistry.sol";
import {Admission, RegistryConfig, Seats, Validator} from "../../../contracts/bridge/registry/RegistryTypes.sol";
import {Scheme} from "../../../contracts/bridge/types/ValidatorSet.sol";
import {IBLS12381KeySets} from "../../../contracts/crypto/interfaces/IBLS12381KeySets.sol";
import {IKeyVerifier} from "../../../contracts/crypto/interfaces/IKeyVerifier.sol";
import {MisbehavingAccount} from "../../../contracts/mocks/MisbehavingAccount.sol";
import {VM} from "../escrow/Vm.sol";

/// @title Random operators, reporters and punishments of one registry, and what they should see
/// @dev Each function is one move; none ever reverts. This contract is the registry's slashing contract. The ghost store keeps what went
/// in and out, what was taken from whom, and every set with the bonds of then.
contract RegistryHandler {
    uint256 public constant OPERATORS = 5;
    uint128 public constant MINIMUM = 1_000;
    uint256 private constant MOST_VALIDATORS = 24;

    IValidatorRegistry public immutable REGISTRY;
    IERC20 public immutable TOKEN;
    MisbehavingAccount public immutable GOVERNANCE;

    bytes32[] public keys;
    uint256 public deposits;
    uint256 public payouts;
    uint256 public moves;
    uint256 public sets;
    mapping(bytes32 key => uint256 amount) public slashed;
    mapping(bytes32 key => bool) public withdrawn;
    mapping(uint256 epoch => bytes32[] keys) private _members;
    mapping(uint256 epoch => mapping(bytes32 key => uint256 bond)) public bondAt;
    mapping(uint256 epoch => bool) public isFair;

    error DeploymentFailed(string name);

    constructor() {
        address verifier = _deploy("AgreeableVerifier", "");
        TOKEN = IERC20(_deploy("MisbehavingToken", ""));
        GOVERNANCE = MisbehavingAccount(payable(_deploy("MisbehavingAccount", abi.encode(address(this)))));
        Seats[] memory seats = new Seats[](OPERATORS);
        for (uint256 i = 0; i < OPERATORS; ++i) seats[i] = Seats(operatorAt(i), uint16(2 + i * 2));
        bytes memory arguments = abi.encode(_config(verifier), seats, uint16(6_666), Scheme.Ed25519);
        REGISTRY = IValidatorRegistry(_deploy("ValidatorRegistry", arguments));
        for (uint256 i = 0; i < OPERATORS; ++i) {
            TOKEN.transfer(operatorAt(i), 1e20);
            VM.prank(operatorAt(i));
            TOKEN.approve(address(REGISTRY), type(uint256).max);
        }
    }

    // Moves

    function join(uint256 who, uint64 extra) external {
        if (keys.length == MOST_VALIDATORS) return;
        bytes32 key = bytes32(keys.length + 1);
        uint128 bond = MINIMUM + extra;
        VM.prank(operatorAt(who));
        try REGISTRY.join(Admission(key, bond, "", "", "")) {
            keys.push(key);
            deposits += bond;
            ++moves;
        } catch {}
    }

    function topUp(uint256 which, uint64 amount) external {
        if (keys.length == 0) return;
        bytes32 key = _pick(which);
        VM.prank(_operatorOf(key));
        try REGISTRY.topUp(key, amount) {
            deposits += amount;
            ++moves;
        } catch {}
    }

    function exit(uint256 which) external {
        if (keys.length == 0 || which % 3 != 0) return;
        bytes32 key = _pick(which);
        VM.prank(_operatorOf(key));
        try REGISTRY.exit(key) {
            ++moves;
        } catch {}
    }

    function withdraw(uint256 which) external {
        (bool found, bytes32 key) = _pickLeaver(which);
        if (!found) return;
        uint256 bond = REGISTRY.validatorOf(key).bond;
        uint256 due = REGISTRY.withdrawableAt(key);
        // To the very moment, or one second too early.
        if (due > block.timestamp && which % 2 == 0) VM.warp(due - (which % 4) / 2);
        VM.prank(_operatorOf(key));
        try REGISTRY.withdraw(key, address(0xACC)) {
            payouts += bond;
            withdrawn[key] = true;
            ++moves;
        } catch {}
    }

    function unjail(uint256 which) external {
        if (keys.length == 0) return;
        bytes32 key = _pick(which);
        VM.prank(_operatorOf(key));
        try REGISTRY.unjail(key) {
            ++moves;
        } catch {}
    }

    /// @dev Punishes as the slashing contract does: slash, and then jail or tombstone.
    function punish(uint256 which, uint64 amount, bool isFinal, uint256 reporter) external {
        if (keys.length == 0) return;
        bytes32 key = _pick(which);
        slashed[key] += REGISTRY.slash(key, amount % 3_000, reporterAt(reporter));
        if (isFinal && which % 4 == 0) REGISTRY.tombstone(key);
        else REGISTRY.jail(key);
        ++moves;
    }

    /// @dev A pending slash, then later its veto or execution.
    function hold(uint256 which) external {
        if (keys.length == 0) return;
        REGISTRY.hold(_pick(which));
        ++moves;
    }

    function decide(uint256 which, bool isVetoed) external {
        if (keys.length == 0) return;
        bytes32 key = _pick(which);
        if (REGISTRY.validatorOf(key).holds == 0) return;
        REGISTRY.release(key);
        if (!isVetoed) slashed[key] += REGISTRY.slash(key, MINIMUM / 100, reporterAt(which));
        ++moves;
    }

    function claim(uint256 reporter, bool byTreasury) external {
        uint256 before = TOKEN.balanceOf(address(REGISTRY));
        VM.prank(reporterAt(reporter));
        if (byTreasury) try REGISTRY.payTreasury() {} catch {}
        else try REGISTRY.claimReward(address(0xACC)) {} catch {}
        payouts += before - TOKEN.balanceOf(address(REGISTRY));
    }

    function seat(uint256 who, uint8 seats) external {
        if (who % 4 != 0) return;
        bytes memory call = abi.encodeCall(REGISTRY.setOperator, (operatorAt(who), uint16(seats % 12)));
        GOVERNANCE.execute(address(REGISTRY), 0, call);
    }

    /// @dev Now and then by somebody who cares for no cap.
    function formSet(uint256 how) external {
        bytes32[] memory chosen = _choose(how % 4 == 0);
        try REGISTRY.formSet(chosen, new bytes[](0)) returns (uint64 epoch) {
            ++sets;
            _members[epoch] = chosen;
            for (uint256 i = 0; i < chosen.length; ++i) {
                bondAt[epoch][chosen[i]] = REGISTRY.validatorOf(chosen[i]).bond;
            }
            isFair[epoch] = _leavesOutNobody(chosen, epoch);
            ++moves;
        } catch {}
    }

    function warp(uint256 by) external {
        VM.warp(block.timestamp + (by % 3 days));
    }

    // What there is to see

    function count() external view returns (uint256) {
        return keys.length;
    }

    function membersOf(uint256 epoch) external view returns (bytes32[] memory) {
        return _members[epoch];
    }

    function operatorAt(uint256 i) public pure returns (address) {
        return address(uint160(0x0E0 + (i % OPERATORS)));
    }

    function reporterAt(uint256 i) public pure returns (address) {
        return address(uint160(0x4E0 + (i % 3)));
    }

    // Inner workings

    /// @dev The lowest keys of each operator that fit, which are ascending.
    function _choose(bool isGreedy) private view returns (bytes32[] memory chosen) {
        uint256 size = REGISTRY.setSize();
        uint256 cap = REGISTRY.operatorCap(size);
        chosen = new bytes32[](size);
        uint256[] memory taken = new uint256[](OPERATORS);
        uint256 next = 0;
        for (uint256 i = 0; i < keys.length && next < size; ++i) {
            Validator memory validator = REGISTRY.validatorOf(keys[i]);
            uint256 operator = uint160(validator.operator) - 0x0E0;
            uint256 seats = REGISTRY.operatorOf(validator.operator).seats;
            bool isFull = taken[operator] == cap || taken[operator] == seats;
            if (!validator.isEligible || (isFull && !isGreedy)) continue;
            ++taken[operator];
            chosen[next++] = keys[i];
        }
    }

    /// @dev Whoever is eligible and not in the set has an operator at its cap, or without another seat.
    function _leavesOutNobody(bytes32[] memory chosen, uint64 epoch) private view returns (bool) {
        uint256 cap = REGISTRY.operatorCap(chosen.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            Validator memory validator = REGISTRY.validatorOf(keys[i]);
            if (!validator.isEligible || validator.lastEpoch == epoch) continue;
            uint256 members = 0;
            for (uint256 j = 0; j < chosen.length; ++j) {
                if (_operatorOf(chosen[j]) == validator.operator) ++members;
            }
            uint256 seats = REGISTRY.operatorOf(validator.operator).seats;
            if (members < cap && members < seats) return false;
        }
        return true;
    }

    function _config(address verifier) private view returns (RegistryConfig memory) {
        return
            RegistryConfig({
                token: TOKEN,
                governance: address(GOVERNANCE),
                slashing: address(this),
                treasury: address(0x7EA),
                ed25519: IKeyVerifier(verifier),
                bls: IKeyVerifier(verifier),
                keySets: IBLS12381KeySets(address(0)),
                minimumBond: MINIMUM,
                operatorCapBps: 3_333,
                rewardBps: 1_000,
                unbonding: 14 days,
                validity: 7 days,
                evidenceWindow: 6 days,
                overlap: 1 days,
                epochLength: 1 days,
                jailTime: 2 days
            });
    }

    /// @dev From the artifact, so that the contracts under test are not compiled again with the tests.
    function _deploy(string memory name, bytes memory arguments) private returns (address deployed) {
        bytes memory code = bytes.concat(VM.getCode(name), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), DeploymentFailed(name));
    }

    function _pick(uint256 which) private view returns (bytes32) {
        return keys[which % keys.length];
    }

    /// @dev The first from there on that has left and has a bond.
    function _pickLeaver(uint256 which) private view returns (bool found, bytes32 key) {
        for (uint256 i = 0; i < keys.length && !found; ++i) {
            key = keys[((which % keys.length) + i) % keys.length];
            Validator memory validator = REGISTRY.validatorOf(key);
            found = validator.exitedAt != 0 && validator.bond != 0 && validator.holds == 0;
        }
    }

    function _operatorOf(bytes32 key) private view returns (address) {
        return REGISTRY.validatorOf(key).operator;
    }
}
