// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LaneId} from "../types/Message.sol";
import {IValidatorRegistry} from "./IValidatorRegistry.sol";

/// @title What can be wrong with a signature, a lane or a set, whatever it is to prove
interface IEvidence {
    /// @notice The signature has no length that any form of signature has.
    error UnknownSignatureForm(uint256 length);
    /// @notice The signature is not that of `key`, or for aggregates of the set `key`, over `digest`.
    error SignatureNotValid(bytes32 key, bytes32 digest);
    /// @notice The key at this place of the key set, or in the evidence, is not the validator's BLS key.
    error NotValidatorsBlsKey(bytes32 actual, bytes32 expected);
    /// @notice No Inbox of this bridge has this domain.
    error UnknownDomain(bytes32 domain);
    /// @notice No Outbox of this bridge is at this address of that chain.
    error UnknownSource(uint256 chainId, address outbox);
    /// @notice The lane named in the place is not the one from the source to the domain's chain.
    error WrongLane(LaneId actual, LaneId expected);
    /// @notice The set is not the one of that epoch.
    error WrongSet(uint64 epoch, bytes32 actual, bytes32 expected);

    /// @notice Where bonds and sets are.
    function REGISTRY() external view returns (IValidatorRegistry);
}
