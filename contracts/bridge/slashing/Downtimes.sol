// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestedPoints} from "../interfaces/IAttestedPoints.sol";
import {ISlashing} from "../interfaces/ISlashing.sol";
import {Scheme, ValidatorSet} from "../types/ValidatorSet.sol";
import {PendingSlashes} from "./PendingSlashes.sol";
import {Downtime, Offence, SlashingConfig} from "./SlashingTypes.sol";

/// @title Validators that are not there
abstract contract Downtimes is PendingSlashes {
    /// @inheritdoc ISlashing
    uint256 public constant DOWNTIME_WINDOW = 100;
    /// @inheritdoc ISlashing
    IAttestedPoints public immutable POINTS;

    /// @inheritdoc ISlashing
    mapping(bytes32 key => mapping(uint64 epoch => uint256 index)) public claimableFrom;

    constructor(SlashingConfig memory config) {
        require(address(config.points) != address(0), InvalidSlashingConfig());
        POINTS = config.points;
    }

    /// @inheritdoc ISlashing
    /// @dev The points are consecutive, so that they are distinct and in order, and nobody picks those where the validator is missing.
    function claimDowntime(Downtime calldata evidence, bytes32 salt) external nonReentrant {
        bytes32 evidenceHash = keccak256(abi.encode(Offence.ExtendedDowntime, evidence));
        _reveal(evidenceHash, salt);
        (bytes32 key, uint64 epoch, uint256 from) = (evidence.key, evidence.set.epoch, evidence.from);
        _requireSet(evidence.set);
        _answerable(key, epoch);
        _requireMember(key, evidence.set, evidence.index);
        uint256 least = claimableFrom[key][epoch];
        require(from >= least, PointsClaimed(from, least));
        uint256 missing = POINTS.missing(epoch, from, DOWNTIME_WINDOW, evidence.index);
        require(2 * missing > DOWNTIME_WINDOW, LiveEnough(key, missing, DOWNTIME_WINDOW));

        claimableFrom[key][epoch] = from + DOWNTIME_WINDOW;
        _suspend(key, Offence.ExtendedDowntime, 0, epoch, evidenceHash);
    }

    function _requireMember(bytes32 key, ValidatorSet calldata set, uint256 index) private view {
        if (set.scheme == Scheme.BLS12381) {
            _requireBlsKey(key, _keyHashAt(set.members[0], index));
        } else {
            require(index < set.members.length && set.members[index] == key, NotAtIndex(key, index));
        }
    }
}
