// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, EscrowView, State, Terms} from "../../../contracts/escrow/EscrowTypes.sol";
import {IEscrow} from "../../../contracts/escrow/IEscrow.sol";
import {EscrowHandler} from "./EscrowHandler.t.sol";
import {VM} from "./Vm.sol";

/// @title What holds whatever the users do
contract EscrowInvariantsTest {
    EscrowHandler private _handler;
    IEscrow private _escrow;

    function setUp() external {
        VM.warp(1_800_000_000);
        _handler = new EscrowHandler();
        _escrow = _handler.escrow();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Per token, the contract holds what remains in its escrows and what it has credited.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 100
    function invariantSolvent() external view {
        for (uint256 t = 0; t < 3; ++t) {
            address token = _handler.tokens(t);
            uint256 owed = _handler.credits(token);
            for (uint256 i = 0; i < _handler.count(); ++i) {
                EscrowId id = _handler.ids(i);
                if (_handler.termsOf(id).token == token) owed += _escrow.escrowOf(id).remaining;
            }
            assert(_handler.balance(token) == owed);
        }
    }

    /// @dev At every moment an escrow has paid or credited what does not remain: in the end, exactly its amount.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 100
    function invariantPaysExactlyItsAmount() external view {
        for (uint256 i = 0; i < _handler.count(); ++i) {
            EscrowId id = _handler.ids(i);
            EscrowView memory now_ = _escrow.escrowOf(id);
            assert(_handler.paid(id) + now_.remaining == _handler.termsOf(id).amount);
            assert((now_.remaining == 0) == (now_.state > State.Disputed));
        }
    }

    /// @dev What is final stays as it was.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 100
    function invariantTerminalStatesAreTerminal() external view {
        for (uint256 i = 0; i < _handler.count(); ++i) {
            bytes32 tombstone = _handler.tombstones(_handler.ids(i));
            if (tombstone != 0) assert(keccak256(abi.encode(_escrow.escrowOf(_handler.ids(i)))) == tombstone);
        }
    }

    /// @dev From every other state, time alone leads out, by anybody's hand, in a bounded number of pushes.
    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 100
    function invariantEveryStateHasAnExitByTime() external {
        uint256 snapshot = VM.snapshotState();
        for (uint256 i = 0; i < _handler.count(); ++i) {
            EscrowId id = _handler.ids(i);
            Terms memory terms = _handler.termsOf(id);
            for (uint256 pushes = 0; _escrow.escrowOf(id).state <= State.Disputed; ++pushes) {
                assert(pushes <= terms.milestones.length + 1);
                uint256 due = _escrow.dueAt(terms);
                if (due > block.timestamp) VM.warp(due);
                VM.prank(address(0xD00));
                _escrow.expire(terms);
            }
        }
        VM.revertToState(snapshot);
    }
}
