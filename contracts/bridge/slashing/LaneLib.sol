// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEvidence} from "../interfaces/IEvidence.sol";
import {IValidatorRegistry} from "../interfaces/IValidatorRegistry.sol";
import {AttestationLib} from "../libraries/AttestationLib.sol";
import {MessageLib} from "../libraries/MessageLib.sol";
import {LaneId} from "../types/Message.sol";
import {Place} from "./SlashingTypes.sol";

/// @title Places of lanes, and what is signed for them
library LaneLib {
    /// @notice Whether a lane is one of validator sets: from the registry on this chain, its nonces the sets' epochs and its
    /// accumulators their hashes.
    function isSetLane(
        uint256 originChainId,
        address outbox,
        IValidatorRegistry registry
    ) internal view returns (bool) {
        return originChainId == block.chainid && outbox == address(registry);
    }

    /// @notice Reverts unless the place is in the lane from `outbox` on `originChainId` to `destinationChainId`.
    function requireLane(
        Place calldata place,
        uint256 originChainId,
        address outbox,
        uint256 destinationChainId
    ) internal pure {
        LaneId expected = MessageLib.laneId(originChainId, outbox, destinationChainId);
        bool isLane = LaneId.unwrap(place.lane) == LaneId.unwrap(expected);
        require(isLane, IEvidence.WrongLane(place.lane, expected));
    }

    /// @notice What a validator signs for the place.
    function digest(Place calldata place, bytes32 accumulator, uint64 epoch) internal pure returns (bytes32) {
        return AttestationLib.digest(place.domain, place.lane, place.nonce, accumulator, epoch);
    }
}
