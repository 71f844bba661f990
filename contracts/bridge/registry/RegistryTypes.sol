// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBLS12381KeySets} from "../../crypto/interfaces/IBLS12381KeySets.sol";
import {IKeyVerifier} from "../../crypto/interfaces/IKeyVerifier.sol";

/// @notice What a registry is deployed with. Nothing of it ever changes. Periods are in seconds, shares in hundredths of a percent.
/// @param token What bonds are paid in; zero for the native currency.
/// @param governance The timelock that admits operators and sets threshold and scheme.
/// @param slashing The one contract that may punish; its address is known before it is deployed.
/// @param treasury Who gets what is slashed and not a reward: an insurance fund.
/// @param ed25519 Admits keys and checks proofs of possession: `Ed25519Verifier`.
/// @param bls Checks proofs by BLS keys: `BLS12381Verifier`.
/// @param keySets Where BLS keys are proven and sets of them created.
/// @param minimumBond The least bond of an eligible validator, in the token's smallest unit.
/// @param operatorCapBps The largest share of a set that one operator may hold; at most half.
/// @param rewardBps The reporter's share of a slash.
/// @param unbonding From leaving the set, or being tombstoned, to withdrawal; longer than validity and evidence window together.
/// @param validity For how long a set may attest.
/// @param evidenceWindow For how long after a set's expiry its members answer for what they signed.
/// @param overlap For how long the set before may still attest after a change without an offence.
/// @param epochLength The least time between two sets, unless a member was lost for an offence.
/// @param jailTime The least time in jail.
struct RegistryConfig {
    IERC20 token;
    address governance;
    address slashing;
    address treasury;
    IKeyVerifier ed25519;
    IKeyVerifier bls;
    IBLS12381KeySets keySets;
    uint128 minimumBond;
    uint16 operatorCapBps;
    uint16 rewardBps;
    uint40 unbonding;
    uint40 validity;
    uint40 evidenceWindow;
    uint32 overlap;
    uint40 epochLength;
    uint40 jailTime;
}

/// @notice How many validators an operator may have.
struct Seats {
    address operator;
    uint16 seats;
}

/// @notice What an operator joins with.
/// @param key The validator's Ed25519 key.
/// @param bond At least the minimum bond, in the token's smallest unit.
/// @param proof A signature of {IValidatorRegistry-joinDigest} by `key`, 64 bytes.
/// @param blsKey 256 bytes of a key that is proven in the key sets, or empty.
/// @param blsProof A signature of the same digest by `blsKey`, 128 bytes, or empty.
struct Admission {
    bytes32 key;
    uint128 bond;
    bytes proof;
    bytes blsKey;
    bytes blsProof;
}

/// @notice What the registry keeps of a validator.
/// @param operator Who joined with it; zero for a key that never did.
/// @param lastEpoch The last set that it was a member of, 0 before the first.
/// @param bond In the token's smallest unit.
/// @param exitedAt When it exited or was tombstoned (Unix seconds), 0 before.
/// @param jailedUntil From when on it may be unjailed (Unix seconds), 0 when it is not in jail.
/// @param holds How many pending slashes keep its bond from being withdrawn.
/// @param isTombstoned Whether it is out for good.
/// @param isEligible Whether it belongs into the next set, as far as it alone is concerned.
/// @param hasBls Whether it has a BLS key.
/// @param blsKeyHash keccak256 of the 256 bytes of its BLS key, zero without one.
struct Validator {
    address operator;
    uint48 lastEpoch;
    uint128 bond;
    uint40 exitedAt;
    uint40 jailedUntil;
    uint16 holds;
    bool isTombstoned;
    bool isEligible;
    bool hasBls;
    bytes32 blsKeyHash;
}

/// @notice What the registry keeps of an operator.
/// @param seats How many validators it may have; 0 for one that is not admitted.
/// @param validators How many it has that have neither exited nor been tombstoned.
/// @param eligible How many of them are eligible.
/// @param eligibleBls How many of those have a BLS key.
/// @param countedIn The epoch that `counted` is about.
/// @param counted How many members it has in the set of that epoch.
struct Operator {
    uint16 seats;
    uint16 validators;
    uint16 eligible;
    uint16 eligibleBls;
    uint48 countedIn;
    uint16 counted;
}

/// @notice What the registry keeps of a set beside its hash.
/// @param formedAt Unix seconds.
/// @param expiresAt Unix seconds.
/// @param totalStake The sum of its members' bonds when it was formed.
struct Epoch {
    uint40 formedAt;
    uint40 expiresAt;
    uint128 totalStake;
}
