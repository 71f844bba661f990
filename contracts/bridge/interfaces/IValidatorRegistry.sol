// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Scheme} from "../types/ValidatorSet.sol";
import {Admission, Epoch, Operator, Validator} from "../registry/RegistryTypes.sol";
import {IValidatorRegistryEvents} from "./IValidatorRegistryEvents.sol";

/// @title Who may validate, with which bond, and in which set
/// @notice On the home chain. Operators, admitted by governance, join with validators: an Ed25519 key and a bond each. Anybody forms
/// the next set out of everybody eligible. Sets are the truth for the set lanes: what every Inbox follows by the old set's signature.
///
/// Voting power is by head and not by bond. So admission is governed, or one party would join a hundred times; and one operator
/// holds at most its cap of a set, which is below the threshold whatever the set.
///
/// A bond can be slashed as long as it is here: in a set, exiting, in jail or tombstoned. It stays for the unbonding time after its
/// validator left the sets; that is longer than a set's validity and the evidence window together, so that whoever may still be
/// slashed, and whosever set an Inbox may still accept, has its bond in place. Governance cannot touch bonds; it can neither take nor
/// hold them. Amounts are in the token's smallest unit, times in Unix seconds, shares in hundredths of a percent.
interface IValidatorRegistry is IValidatorRegistryEvents {
    /// @notice Joins with a validator. The caller becomes its operator and needs a free seat. For native bonds the value sent must be
    /// the bond. Each key, Ed25519 or BLS, can be used once, for ever.
    function join(Admission calldata admission) external payable;

    /// @notice Gives a validator without a BLS key one. Only its operator.
    /// @param blsProof A signature of `joinDigest(operator, key, keccak256(blsKey))` by the BLS key.
    function addBlsKey(bytes32 key, bytes calldata blsKey, bytes calldata blsProof) external;

    /// @notice Adds `amount` to the bond of a validator that has not exited. Only its operator.
    function topUp(bytes32 key, uint128 amount) external payable;

    /// @notice Takes a validator out of the sets that are formed from now on. Only its operator. Cannot be taken back.
    function exit(bytes32 key) external;

    /// @notice Pays what is left of the bond of a validator that has exited or was tombstoned, from {withdrawableAt} on and while no
    /// slash of it is pending. Only its operator.
    function withdraw(bytes32 key, address to) external;

    /// @notice Frees a validator whose time in jail is over and whose bond is at least the minimum. Only its operator.
    function unjail(bytes32 key) external;

    /// @notice Forms the next set. Anybody may, {EPOCH_LENGTH} after the last, or at once when a member of that was jailed or tombstoned.
    /// @param keys {setSize} eligible validators, ascending, of no operator more than {operatorCap}. So nobody eligible is left out but
    /// where its operator is at its cap, or has fewer seats than validators.
    /// @param blsKeys For sets of the scheme BLS12381 the 256 bytes of each one's BLS key, in the order of `keys`; else none.
    /// @return formed The set's epoch.
    function formSet(bytes32[] calldata keys, bytes[] calldata blsKeys) external returns (uint64 formed);

    /// @notice Pays the caller's rewards for reports to `to`.
    function claimReward(address to) external;

    /// @notice Pays what was slashed to the treasury. Anybody may call it.
    function payTreasury() external;

    /// @notice Admits an operator for `seats` validators. Fewer seats than it has validators leave the excess out of the next sets;
    /// no bond is touched. Only governance.
    function setOperator(address operator, uint16 seats) external;

    /// @notice Sets the share of the members that must sign; see {threshold}. Only governance.
    function setThreshold(uint16 thresholdBps_) external;

    /// @notice Sets how the members of the next sets sign. Only governance.
    function setScheme(Scheme scheme_) external;

    /// @notice Takes up to `amount` from a bond. Only the slashing contract. Pays nobody: shares are credited.
    /// @param reporter Who gets the reward; zero for nobody.
    /// @return taken What was taken: `amount`, or what was left.
    function slash(bytes32 key, uint256 amount, address reporter) external returns (uint256 taken);

    /// @notice Puts a validator in jail for at least {JAIL_TIME}. Only the slashing contract.
    function jail(bytes32 key) external;

    /// @notice Takes a validator out for good; its unbonding time begins anew. Only the slashing contract.
    function tombstone(bytes32 key) external;

    /// @notice Keeps a bond from being withdrawn while a slash is pending. Only the slashing contract.
    function hold(bytes32 key) external;

    /// @notice Ends one {hold}. Only the slashing contract.
    function release(bytes32 key) external;

    /// @notice What bonds are paid in; zero for the native currency.
    function TOKEN() external view returns (IERC20);

    /// @notice The contract that may punish.
    function SLASHING() external view returns (address);

    /// @notice Who gets what is slashed and not a reward.
    function TREASURY() external view returns (address);

    /// @notice The least bond of an eligible validator.
    function MINIMUM_BOND() external view returns (uint128);

    /// @notice The largest share of a set that one operator may hold.
    function OPERATOR_CAP_BPS() external view returns (uint16);

    /// @notice The reporter's share of a slash.
    function REWARD_BPS() external view returns (uint16);

    /// @notice From leaving the set, or being tombstoned, to withdrawal, in seconds.
    function UNBONDING() external view returns (uint40);

    /// @notice For how long a set may attest, in seconds.
    function VALIDITY() external view returns (uint40);

    /// @notice For how long after a set's expiry its members answer for what they signed, in seconds.
    function EVIDENCE_WINDOW() external view returns (uint40);

    /// @notice For how long the set before may still attest after a change without an offence, in seconds.
    function OVERLAP() external view returns (uint32);

    /// @notice The least time between two sets, unless a member was lost for an offence, in seconds.
    function EPOCH_LENGTH() external view returns (uint40);

    /// @notice The least time in jail, in seconds.
    function JAIL_TIME() external view returns (uint40);

    /// @notice What the keys of a joining validator sign. Bound to chain, registry and operator: a copied proof is of no use.
    function joinDigest(address operator, bytes32 key, bytes32 blsKeyHash) external view returns (bytes32);

    /// @notice The epoch of the last set, 0 before the first.
    function epoch() external view returns (uint64);

    /// @notice The hash of the set of `epoch_`, keccak256(abi.encode(set)); zero where there is none.
    function validatorSetHash(uint64 epoch_) external view returns (bytes32);

    /// @notice When the set of `epoch_` was formed and expires, and its members' bonds in all; zeros where there is none.
    function epochOf(uint64 epoch_) external view returns (Epoch memory);

    /// @notice The bond that the validator had when the set of `epoch_` was formed, 0 where it was no member.
    function stakeAt(bytes32 key, uint64 epoch_) external view returns (uint256);

    /// @notice The sum of {stakeAt} of all members of the set of `epoch_`.
    function totalStakeAt(uint64 epoch_) external view returns (uint256);

    /// @notice {stakeAt} and {epochOf} in one call.
    function memberOf(bytes32 key, uint64 epoch_) external view returns (uint256 stake, Epoch memory info);

    /// @notice How many members the next set has.
    function setSize() external view returns (uint256);

    /// @notice How many members of a set of `size` one operator may have: its share, rounded down, and at least one.
    function operatorCap(uint256 size) external view returns (uint256);

    /// @notice M of a set of `size`: the share of governance, rounded up, and more than half, and at least 2.
    function threshold(uint256 size) external view returns (uint256);

    /// @notice The share of the members that must sign.
    function thresholdBps() external view returns (uint16);

    /// @notice How the members of the next sets sign.
    function scheme() external view returns (Scheme);

    /// @notice All that is known of a validator.
    function validatorOf(bytes32 key) external view returns (Validator memory);

    /// @notice All that is known of an operator.
    function operatorOf(address operator) external view returns (Operator memory);

    /// @notice The operators with seats.
    function operators() external view returns (address[] memory);

    /// @notice Which validator uses the BLS key with this hash; zero if none ever did.
    function validatorOfBls(bytes32 blsKeyHash) external view returns (bytes32 key);

    /// @notice From when on the bond can be withdrawn: the unbonding time after the validator left the sets. 0 for one that stays.
    function withdrawableAt(bytes32 key) external view returns (uint256);

    /// @notice What a reporter can claim.
    function rewardOf(address reporter) external view returns (uint256);

    /// @notice The books: what is here (`held`) is exactly bonds, what the treasury can claim, and what reporters can.
    function funds() external view returns (uint256 held, uint256 bonded, uint256 slashed, uint256 rewards);
}
