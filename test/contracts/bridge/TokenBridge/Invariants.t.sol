// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeHandler, Where} from "./BridgeHandler.t.sol";
import {VM} from "../../escrow/Vm.sol";

/// @title What holds whatever the users, relayers, guardians and governments do
contract TokenBridgeInvariantsTest {
    BridgeHandler private _handler;

    function setUp() external {
        VM.warp(1_800_000_000);
        _handler = new BridgeHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev locked = minted + in flight + failed + delayed + rejected.
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 150
    function invariantLockedIsWhatIsOwed() external view {
        uint256 onTheWay =
            _handler.value(Where.InFlight) + _handler.value(Where.Failed) + _handler.value(Where.Delayed);
        assert(_handler.locked() == _handler.minted() + onTheWay + _handler.value(Where.Rejected));
    }

    /// @dev What is locked is there.
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 150
    function invariantCustodyCoversWhatIsLocked() external view {
        uint256 custody = _handler.token().balanceOf(address(_handler.home()));
        assert(custody >= _handler.locked() * _handler.home().SCALE());
    }

    /// @dev Nothing waits longer than a delay and a hold.
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 150
    function invariantEveryWaitEndsByTime() external view {
        for (uint256 i = 0; i < _handler.count(); ++i) {
            uint40 releaseAt = _handler.side(i).pending(bytes32(i)).releaseAt;
            (, Where where, , ) = _handler.transfers(i);
            assert((releaseAt != 0) == (where == Where.Delayed));
            assert(releaseAt <= block.timestamp + 8 days);
        }
    }

    /// @dev Whatever has happened, what was not rejected is paid in the end, by anybody's hand.
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 150
    function invariantEverythingArrives() external {
        uint256 snapshot = VM.snapshotState();
        _handler.calmDown();
        for (uint256 i = 0; i < _handler.count(); ++i) _handler.deliver(i);
        VM.warp(block.timestamp + 1 days);
        for (uint256 i = 0; i < _handler.count(); ++i) _handler.release(i);
        assert(_handler.value(Where.InFlight) + _handler.value(Where.Failed) + _handler.value(Where.Delayed) == 0);
        assert(_handler.locked() == _handler.minted() + _handler.value(Where.Rejected));
        VM.revertToState(snapshot);
    }
}
