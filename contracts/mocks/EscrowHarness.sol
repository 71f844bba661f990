// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, EscrowView, Slot, State, Terms} from "../escrow/EscrowTypes.sol";
import {SlotLib} from "../escrow/SlotLib.sol";
import {TermsLib} from "../escrow/TermsLib.sol";

/// @title The escrow's libraries, callable
contract EscrowHarness {
    using TermsLib for Terms;

    function toId(Terms calldata terms) external view returns (EscrowId) {
        return terms.toId();
    }

    /// @notice The id as the compiler would compute it.
    function referenceId(Terms calldata terms) external view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), terms));
    }

    function unpack(Slot slot) external pure returns (EscrowView memory) {
        return slot.unpack();
    }

    function locked(uint128 amount, uint40 time) external pure returns (Slot) {
        return SlotLib.locked(amount, time);
    }

    function enter(Slot slot, State next, uint40 time) external pure returns (Slot) {
        return slot.enter(next, time);
    }

    function spend(Slot slot, uint128 amount) external pure returns (Slot) {
        return slot.spend(amount);
    }

    function close(Slot slot, State last, uint40 time) external pure returns (Slot) {
        return slot.close(last, time);
    }

    function advance(Slot slot, uint40 time) external pure returns (Slot) {
        return slot.advance(time);
    }

    function bumpBoth(Slot slot) external pure returns (Slot) {
        return slot.bumpBoth();
    }

    function isOpen(Slot slot) external pure returns (bool) {
        return slot.isOpen();
    }
}
