// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IGuarded} from "./interfaces/IGuarded.sol";

/// @title A pause that ends by itself
/// @notice See {IGuarded}.
abstract contract Guarded is IGuarded, Governed {
    /// @inheritdoc IGuarded
    uint64 public constant PAUSE = 3 days;
    /// @inheritdoc IGuarded
    uint64 public constant PAUSE_COOLDOWN = 3 days;

    /// @inheritdoc IGuarded
    address public guardian;
    /// @inheritdoc IGuarded
    uint64 public pausableFrom;
    /// @inheritdoc IGuarded
    /// @dev Begins a slot, which what an heir needs as often can share.
    uint64 public pausedUntil;

    modifier onlyGuardian() {
        require(msg.sender == guardian, NotGuardian(msg.sender, guardian));
        _;
    }

    modifier whenNotPaused() {
        require(block.timestamp >= pausedUntil, Paused(pausedUntil));
        _;
    }

    /// @param governance See {Governed}.
    /// @param guardian_ May be zero: nobody pauses then, until governance names somebody.
    constructor(address governance, address guardian_) Governed(governance) {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IGuarded
    function pause() external onlyGuardian {
        require(block.timestamp >= pausableFrom, PauseTooSoon(pausableFrom));
        pausedUntil = uint64(block.timestamp) + PAUSE;
        pausableFrom = pausedUntil + PAUSE_COOLDOWN;
        emit PausedUntil(pausedUntil);
    }

    /// @inheritdoc IGuarded
    function unpause() external {
        require(msg.sender == guardian || msg.sender == GOVERNANCE, NotGuardian(msg.sender, guardian));
        pausedUntil = uint64(block.timestamp);
        emit PausedUntil(pausedUntil);
    }

    /// @inheritdoc IGuarded
    function setGuardian(address guardian_) external onlyGovernance {
        _setGuardian(guardian_);
    }

    function _setGuardian(address guardian_) private {
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }
}
