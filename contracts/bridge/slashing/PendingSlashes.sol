// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../interfaces/ISlashing.sol";
import {SlashingBase} from "./SlashingBase.sol";
import {Offence, Pending, SlashingConfig} from "./SlashingTypes.sol";

/// @title Slashes that wait for a veto
/// @notice Only what rests on more than cryptography waits. The bond is held meanwhile, so that no exit outruns a pending slash; and
/// each of them ends, by a veto or, after the window, by anybody's hand.
abstract contract PendingSlashes is SlashingBase {
    /// @inheritdoc ISlashing
    uint40 public immutable VETO_WINDOW;

    /// @inheritdoc ISlashing
    address public vetoer;
    /// @inheritdoc ISlashing
    uint256 public pendingCount;
    mapping(uint256 id => Pending) private _pending;

    constructor(SlashingConfig memory config) {
        VETO_WINDOW = config.vetoWindow;
        _setVetoer(config.vetoer);
    }

    /// @inheritdoc ISlashing
    function veto(uint256 id) external nonReentrant {
        require(msg.sender == vetoer, NotVetoer(msg.sender, vetoer));
        Pending memory pending = _waiting(id);
        require(block.timestamp < pending.executableAt, VetoTooLate(id, pending.executableAt));
        delete _pending[id];
        emit SlashVetoed(id);
        REGISTRY.release(pending.key);
    }

    /// @inheritdoc ISlashing
    function execute(uint256 id) external nonReentrant {
        Pending memory pending = _waiting(id);
        require(block.timestamp >= pending.executableAt, VetoStillPossible(id, pending.executableAt));
        delete _pending[id];
        emit SlashExecuted(id);

        (bytes32 key, Offence offence, uint64 epoch) = (pending.key, pending.offence, pending.epoch);
        REGISTRY.release(key);
        uint256 taken = _punish(key, offence, REGISTRY.stakeAt(key, epoch), pending.reporter);
        if (_isAgainstSafety(offence)) _remember(key, pending.placeId, epoch, taken);
        emit Punished(key, offence, pending.placeId, epoch, taken, pending.reporter, 0);
    }

    /// @inheritdoc ISlashing
    function setVetoer(address vetoer_) external onlyGovernance {
        _setVetoer(vetoer_);
    }

    /// @inheritdoc ISlashing
    function pendingOf(uint256 id) external view returns (Pending memory) {
        return _pending[id];
    }

    function _suspend(bytes32 key, Offence offence, bytes32 placeId, uint64 epoch, bytes32 evidenceHash) internal {
        uint256 id = ++pendingCount;
        // Timestamps stay below 2^40 for 34,000 years.
        uint40 executableAt = uint40(block.timestamp) + VETO_WINDOW;
        _pending[id] = Pending(key, placeId, msg.sender, epoch, offence, executableAt);
        emit SlashPending(id, key, offence, placeId, epoch, executableAt, msg.sender, evidenceHash);
        REGISTRY.hold(key);
    }

    function _waiting(uint256 id) private view returns (Pending memory pending) {
        pending = _pending[id];
        require(pending.executableAt != 0, NotPending(id));
    }

    function _setVetoer(address vetoer_) private {
        vetoer = vetoer_;
        emit VetoerSet(vetoer_);
    }
}
