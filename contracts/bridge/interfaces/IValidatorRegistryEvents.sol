// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Scheme, ValidatorSet} from "../types/ValidatorSet.sol";

/// @title What a validator registry reports and refuses
/// @notice Amounts are in the smallest unit of the bond's token, times in Unix seconds, shares in hundredths of a percent.
interface IValidatorRegistryEvents {
    /// @notice Governance admitted an operator for `seats` validators; with 0 seats none of its validators is elected any more.
    event OperatorSet(address indexed operator, uint16 seats);
    /// @notice Governance set the share of the members that must sign.
    event ThresholdSet(uint16 thresholdBps);
    /// @notice Governance set how the members of the next sets sign.
    event SchemeSet(Scheme scheme);
    /// @notice An operator joined with a validator. `blsKeyHash` is zero without a BLS key.
    event ValidatorJoined(bytes32 indexed key, address indexed operator, uint256 bond, bytes32 blsKeyHash);
    /// @notice A validator has a BLS key from now on.
    event BlsKeyAdded(bytes32 indexed key, bytes32 indexed blsKeyHash);
    /// @notice The bond grew by `amount` to `bond`.
    event BondAdded(bytes32 indexed key, uint256 amount, uint256 bond);
    /// @notice The operator took its validator out; it is in no set that is formed from now on.
    event ValidatorExited(bytes32 indexed key);
    /// @notice What was left of the bond went to `to`.
    event BondWithdrawn(bytes32 indexed key, address indexed to, uint256 amount);
    /// @notice The validator is in no set that is formed until its operator unjails it, from `until` on.
    event ValidatorJailed(bytes32 indexed key, uint40 until);
    /// @notice The validator is out of jail.
    event ValidatorUnjailed(bytes32 indexed key);
    /// @notice The validator is out for good.
    event ValidatorTombstoned(bytes32 indexed key);
    /// @notice A pending slash keeps the bond where it is (`holds` of them do).
    event BondHeld(bytes32 indexed key, uint16 holds);
    /// @notice A pending slash was decided upon; `holds` are left.
    event BondReleased(bytes32 indexed key, uint16 holds);
    /// @notice `amount` was taken from a bond; `reward` of it is the reporter's, the rest the treasury's.
    event BondSlashed(bytes32 indexed key, uint256 amount, address indexed reporter, uint256 reward);
    /// @notice A reporter took its rewards.
    event RewardClaimed(address indexed reporter, address indexed to, uint256 amount);
    /// @notice What was slashed went to the treasury.
    event TreasuryPaid(address indexed treasury, uint256 amount);
    /// @notice A set was formed.
    /// @param setHash keccak256(abi.encode(set)).
    event ValidatorSetFormed(uint64 indexed epoch, bytes32 indexed setHash, ValidatorSet set);
    /// @notice Who the members of the set are, by their Ed25519 keys, in the order of the set, whatever its scheme.
    event MembersElected(uint64 indexed epoch, bytes32[] keys, uint256 totalStake);

    /// @notice Bonds could be withdrawn while their owners may still be slashed. The registry was not deployed.
    error UnbondingTooShort(uint256 unbonding, uint256 validityAndEvidence);
    /// @notice A share is out of bounds.
    error InvalidShare(uint256 bps, uint256 least, uint256 most);
    /// @notice An address that must not be zero is.
    error ZeroAddress();
    /// @notice A period or amount that must not be zero is. The registry was not deployed.
    error ZeroParameter();
    /// @notice More seats were granted than a set may have members.
    error TooManySeats(uint256 seats, uint256 most);
    /// @notice The operator has a validator on each of its seats, or none was granted to it.
    error NoSeat(address operator, uint256 validators, uint256 seats);
    /// @notice Only the validator's operator may do this.
    error NotOperator(address caller, address operator);
    /// @notice Only the slashing contract may do this.
    error NotSlashing(address caller, address slashing);
    /// @notice The key was used before, by whomever; it can never be used again.
    error KeyUsed(bytes32 key);
    /// @notice The key is not canonical, not on the curve, or of small order.
    error KeyRefused(bytes32 key);
    /// @notice The proof of possession is not a signature of `digest` by the key.
    error InvalidPossession(bytes32 key, bytes32 digest);
    /// @notice The BLS key's possession has not been proven to the key sets.
    error BlsKeyNotProven(bytes32 blsKeyHash);
    /// @notice The validator has a BLS key already.
    error BlsKeyPresent(bytes32 key, bytes32 blsKeyHash);
    /// @notice The bond is below the minimum.
    error BondTooSmall(uint256 bond, uint256 minimum);
    /// @notice The native currency sent is not what was announced.
    error ValueMismatch(uint256 value, uint256 expected);
    /// @notice The token handed over another amount than announced: it takes a fee, or lies.
    error AmountMismatch(uint256 received, uint256 expected);
    /// @notice An amount of zero was named, or there is nothing to pay.
    error NothingToPay();
    /// @notice Nobody joined with this key.
    error UnknownValidator(bytes32 key);
    /// @notice The validator has exited or was tombstoned.
    error ValidatorGone(bytes32 key);
    /// @notice The validator has not exited.
    error NotExited(bytes32 key);
    /// @notice The bond can be withdrawn from `due` on.
    error StillBonded(bytes32 key, uint256 due);
    /// @notice Slashes of the validator are pending.
    error SlashIsPending(bytes32 key, uint256 holds);
    /// @notice The validator is not in jail.
    error NotJailed(bytes32 key);
    /// @notice The validator is in jail until `until`.
    error StillJailed(bytes32 key, uint256 until);
    /// @notice The next set can be formed from `due` on.
    error EpochTooShort(uint256 due);
    /// @notice The operators' eligible validators are too few for a set.
    error TooFewMembers(uint256 members, uint256 least);
    /// @notice The set must have `expected` members: everybody eligible but those above their operator's cap.
    error WrongSetSize(uint256 actual, uint256 expected);
    /// @notice The key at `index` is not above the one before it.
    error MembersNotAscending(uint256 index);
    /// @notice The validator is not eligible: it has exited, is in jail, tombstoned, bonded too little, or lacks the BLS key.
    error NotEligible(bytes32 key);
    /// @notice The operator may have `cap` members in this set.
    error OperatorCapExceeded(address operator, uint256 cap);
    /// @notice The number of BLS keys is not what the scheme asks for.
    error WrongBlsKeys(uint256 actual, uint256 expected);
    /// @notice This is not the validator's BLS key.
    error WrongBlsKey(bytes32 key, bytes32 actual, bytes32 expected);
}
