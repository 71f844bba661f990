// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISlashing} from "./interfaces/ISlashing.sol";
import {Downtimes} from "./slashing/Downtimes.sol";
import {FalseProofs} from "./slashing/FalseProofs.sol";
import {PendingSlashes} from "./slashing/PendingSlashes.sol";
import {SafetyOffences} from "./slashing/SafetyOffences.sol";
import {SlashingBase} from "./slashing/SlashingBase.sol";
import {Destination, Place, Record, SlashingConfig, Source} from "./slashing/SlashingTypes.sol";

/// @title Slashing
/// @notice See {ISlashing}.
contract Slashing is SafetyOffences, FalseProofs, Downtimes {
    /// @dev A share of one.
    uint256 private constant ONE = 1e18;
    /// @dev How many times their share of the stake colluders lose.
    uint256 private constant MULTIPLIER = 3;

    /// @inheritdoc ISlashing
    uint40 public immutable COLLUSION_WINDOW;
    /// @inheritdoc ISlashing
    uint16 public immutable COLLUSION_MINIMUM;

    /// @param config What never changes.
    /// @param destinations The Inboxes of the bridge.
    /// @param sources Its Outboxes and their witnesses.
    constructor(
        SlashingConfig memory config,
        Destination[] memory destinations,
        Source[] memory sources
    ) SlashingBase(config, destinations, sources) PendingSlashes(config) Downtimes(config) {
        // Being tombstoned starts the unbonding time anew, so that within the window every colluder's bond is here.
        require(
            config.collusionMinimum >= 2 && config.collusionWindow <= config.registry.UNBONDING(),
            InvalidSlashingConfig()
        );
        (COLLUSION_WINDOW, COLLUSION_MINIMUM) = (config.collusionWindow, config.collusionMinimum);
    }

    /// @inheritdoc ISlashing
    function collude(Place calldata place, bytes32[] calldata keys) external nonReentrant {
        require(keys.length >= COLLUSION_MINIMUM, TooFewColluders(keys.length, COLLUSION_MINIMUM));
        bytes32 placeId = _placeId(place);
        uint256 share = _share(placeId, keys);
        uint256 penalty = Math.min(ONE, MULTIPLIER * share);
        uint256 total = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            Record storage kept = _records[placeId][keys[i]];
            uint256 owed = (REGISTRY.stakeAt(keys[i], kept.epoch) * penalty) / ONE;
            if (owed <= kept.paid) continue;
            uint256 taken = REGISTRY.slash(keys[i], owed - kept.paid, address(0));
            kept.paid += uint128(taken); // bonds have 128 bits
            total += taken;
        }
        emit CollusionPunished(placeId, keys.length, share, total);
    }

    /// @dev The sum of the stakes, each as a share of all stake in its epoch.
    function _share(bytes32 placeId, bytes32[] calldata keys) private view returns (uint256 share) {
        (uint256 first, uint256 last) = (type(uint256).max, 0);
        for (uint256 i = 0; i < keys.length; ++i) {
            require(i == 0 || keys[i] > keys[i - 1], ColludersNotAscending(i));
            Record memory kept = _records[placeId][keys[i]];
            require(kept.provenAt != 0, NothingProven(keys[i], placeId));
            (first, last) = (Math.min(first, kept.provenAt), Math.max(last, kept.provenAt));
            share += (REGISTRY.stakeAt(keys[i], kept.epoch) * ONE) / REGISTRY.totalStakeAt(kept.epoch);
        }
        require(last - first <= COLLUSION_WINDOW, ProofsTooFarApart(last - first, COLLUSION_WINDOW));
    }
}
