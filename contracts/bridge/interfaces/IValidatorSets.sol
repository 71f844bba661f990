// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verifiers} from "../libraries/QuorumLib.sol";
import {LaneId} from "../types/Message.sol";
import {Quorum, ValidatorSet} from "../types/ValidatorSet.sol";

/// @title The validator sets that an Inbox listens to
/// @notice The registry on the home chain forms the sets. Their sequence is a lane of its own (see {setLane}): its n-th
/// accumulator is the hash of the set of epoch n, and the set of epoch n - 1 attests to it like to any other. So whoever carries
/// that attestation here rotates the set; nobody else can, with one exception that takes long and is seen by all:
/// {proposeRecovery}.
interface IValidatorSets {
    /// @notice A validator set became able to attest.
    /// @param epoch The set's epoch.
    /// @param setHash keccak256(abi.encode(set)), what every {Quorum-set} in calldata is held to.
    /// @param set The whole set, so that anybody can read it from the chain.
    event ValidatorSetActivated(uint64 indexed epoch, bytes32 indexed setHash, ValidatorSet set);

    /// @notice Governance wants `set` to follow a set that expired without a successor. Anybody can make it so at `executableAt`
    /// (Unix seconds).
    event RecoveryProposed(uint64 indexed epoch, bytes32 indexed setHash, uint64 executableAt, ValidatorSet set);
    /// @notice Governance took its proposal back.
    event RecoveryCancelled(bytes32 indexed setHash);

    /// @notice The registry is zero, or its chain is. The contract was not deployed.
    error InvalidRegistry(uint256 chainId, address registry);
    /// @notice The set follows none: its epoch is not the one that is due. Nothing was changed.
    error InvalidEpoch(uint64 actual, uint64 expected);
    /// @notice The epoch was never activated here, or has been retired.
    error EpochNotActive(uint64 epoch, uint64 current);
    /// @notice The set in calldata is not the set of that epoch.
    error UnknownValidatorSet(uint64 epoch, bytes32 actual, bytes32 expected);
    /// @notice The current set has not expired, so a quorum may still rotate it: governance has to wait. (Unix seconds.)
    error QuorumNotLost(uint64 expiresAt);
    /// @notice No recovery to this set is proposed. Nothing was changed.
    error NoRecovery(bytes32 setHash);
    /// @notice The recovery can be executed at `executableAt` (Unix seconds). Nothing was changed.
    error RecoveryTooSoon(uint64 executableAt);

    /// @notice Activates the set of the next epoch on the word of the current one. Anybody may call it. The current set stays
    /// good for `next.overlap` seconds; all before it are retired.
    /// @param next The set of the epoch after the current.
    /// @param quorum Of the current epoch, over the attestation that {setLane} has accumulator hash(next) after nonce `next.epoch`.
    function rotate(ValidatorSet calldata next, Quorum calldata quorum) external;

    /// @notice The way out of a lost quorum, first step: names a set to follow one that expired without a successor. Only
    /// governance, which is a timelock itself.
    /// @param current The set of the current epoch, which must have expired.
    /// @param next A set of any later epoch; it must not expire before it could be activated.
    function proposeRecovery(ValidatorSet calldata current, ValidatorSet calldata next) external;

    /// @notice Takes the proposal back. Only governance.
    function cancelRecovery() external;

    /// @notice Second step, {RECOVERY_DELAY} seconds later: activates the proposed set. Anybody may call it.
    function executeRecovery(ValidatorSet calldata next) external;

    /// @notice How long a recovery is on view before it can be executed, in seconds.
    function RECOVERY_DELAY() external view returns (uint64);

    /// @notice The chain of the registry that forms the sets.
    function HOME_CHAIN_ID() external view returns (uint256);

    /// @notice The registry that forms the sets, on {HOME_CHAIN_ID}.
    function REGISTRY() external view returns (address);

    /// @notice The contracts that signatures are checked with on this chain.
    function verifiers() external view returns (Verifiers memory);

    /// @notice The lane of validator sets for this contract: from the registry to this chain.
    function setLane() external view returns (LaneId);

    /// @notice The epoch whose set attests now.
    function currentEpoch() external view returns (uint64);

    /// @notice Until when (Unix seconds) the set of the epoch before may attest, too.
    function previousUntil() external view returns (uint64);

    /// @notice The hash of the set of `epoch`; zero for an epoch that was never activated.
    function validatorSetHash(uint64 epoch) external view returns (bytes32);

    /// @notice The recovery that is proposed; zeros if there is none.
    function recovery() external view returns (bytes32 setHash, uint64 executableAt);

    /// @notice The domain that attestations for this contract carry.
    function domain() external view returns (bytes32);
}
