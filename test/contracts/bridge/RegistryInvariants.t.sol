// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorRegistry} from "../../../contracts/bridge/interfaces/IValidatorRegistry.sol";
import {Epoch, Validator} from "../../../contracts/bridge/registry/RegistryTypes.sol";
import {VM} from "../escrow/Vm.sol";
import {RegistryHandler} from "./RegistryHandler.t.sol";

/// @title What holds whatever operators, reporters and judges do
contract RegistryInvariantsTest {
    RegistryHandler private _handler;
    IValidatorRegistry private _registry;

    function setUp() external {
        VM.warp(1_800_000_000);
        _handler = new RegistryHandler();
        _registry = _handler.REGISTRY();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Bonds, what is slashed and rewards are what came in less what went out, and all of it is here.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 150
    function invariantBooksBalance() external view {
        (uint256 held, uint256 bonded, uint256 slashed, uint256 rewards) = _registry.funds();
        assert(held == _handler.deposits() - _handler.payouts());
        assert(held == _handler.TOKEN().balanceOf(address(_registry)));
        assert(held == bonded + slashed + rewards);
        uint256 bonds = 0;
        for (uint256 i = 0; i < _handler.count(); ++i) bonds += _registry.validatorOf(_handler.keys(i)).bond;
        assert(bonds == bonded);
        uint256 credits = 0;
        for (uint256 i = 0; i < 3; ++i) credits += _registry.rewardOf(_handler.reporterAt(i));
        assert(credits == rewards);
    }

    /// @dev The stake of an epoch is the bond at that time, for members, and nothing for others; for ever.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 150
    function invariantStakeIsTheBondOfThen() external view {
        for (uint64 epoch = 0; epoch <= _handler.sets() + 1; ++epoch) {
            uint256 total = 0;
            for (uint256 i = 0; i < _handler.count(); ++i) {
                bytes32 key = _handler.keys(i);
                uint256 stake = _registry.stakeAt(key, epoch);
                assert(stake == _handler.bondAt(epoch, key));
                total += stake;
            }
            assert(total == _registry.totalStakeAt(epoch));
        }
    }

    /// @dev Until nobody may ask any more what a set signed, its members' bonds are here, less what was slashed.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 150
    function invariantMembersAreBonded() external view {
        for (uint64 epoch = 1; epoch <= _handler.sets(); ++epoch) {
            Epoch memory info = _registry.epochOf(epoch);
            if (block.timestamp > info.expiresAt + _registry.EVIDENCE_WINDOW()) continue;
            bytes32[] memory members = _handler.membersOf(epoch);
            for (uint256 i = 0; i < members.length; ++i) {
                assert(!_handler.withdrawn(members[i]));
                uint256 bond = _registry.validatorOf(members[i]).bond;
                assert(bond + _handler.slashed(members[i]) >= _registry.stakeAt(members[i], epoch));
            }
        }
    }

    /// @dev Every set obeys M ≥ 2, M > N/2, the operators' cap, and leaves out nobody for whom there is room.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 150
    function invariantSetsObeyTheRules() external view {
        assert(_registry.epoch() == _handler.sets());
        for (uint256 epoch = 1; epoch <= _handler.sets(); ++epoch) {
            bytes32[] memory members = _handler.membersOf(epoch);
            uint256 threshold = _registry.threshold(members.length);
            assert(threshold >= 2 && 2 * threshold > members.length && threshold <= members.length);
            assert(_handler.isFair(epoch));
            uint256 cap = _registry.operatorCap(members.length);
            assert(cap < threshold);
            for (uint256 o = 0; o < _handler.OPERATORS(); ++o) {
                uint256 own = 0;
                for (uint256 i = 0; i < members.length; ++i) {
                    if (_registry.validatorOf(members[i]).operator == _handler.operatorAt(o)) ++own;
                }
                assert(own <= cap);
            }
        }
    }

    /// @dev The counts that sets are formed by are those of the validators one by one.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 150
    function invariantCountsAreTrue() external view {
        for (uint256 o = 0; o < _handler.OPERATORS(); ++o) {
            address operator = _handler.operatorAt(o);
            (uint256 eligible, uint256 staying) = (0, 0);
            for (uint256 i = 0; i < _handler.count(); ++i) {
                Validator memory validator = _registry.validatorOf(_handler.keys(i));
                if (validator.operator != operator) continue;
                if (validator.isEligible) ++eligible;
                if (validator.exitedAt == 0) ++staying;
            }
            assert(_registry.operatorOf(operator).eligible == eligible);
            assert(_registry.operatorOf(operator).validators == staying);
        }
    }
}
