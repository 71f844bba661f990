// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IBLS12381KeySets} from "../../crypto/interfaces/IBLS12381KeySets.sol";
import {IAttestedPoints} from "../interfaces/IAttestedPoints.sol";
import {IValidatorRegistry} from "../interfaces/IValidatorRegistry.sol";
import {LaneId} from "../types/Message.sol";
import {ValidatorSet} from "../types/ValidatorSet.sol";

/// @notice What a validator can be punished for. The fifth offence, collusion, raises the penalty of the first and third.
enum Offence {
    DoubleSigning,
    InvalidSignature,
    FalseProof,
    ExtendedDowntime
}

/// @notice The contracts that check signatures.
/// @param ed25519 `Ed25519Verifier`, for any key.
/// @param comb `Ed25519CombVerifier`, for registered keys.
/// @param bls `BLS12381Verifier`, for single keys.
/// @param blsSets `BLS12381SetVerifier`, for aggregates.
/// @param keySets The sets that `blsSets` is about.
struct SignatureVerifiers {
    IERC7913SignatureVerifier ed25519;
    IERC7913SignatureVerifier comb;
    IERC7913SignatureVerifier bls;
    IERC7913SignatureVerifier blsSets;
    IBLS12381KeySets keySets;
}

/// @notice What slashing is deployed with. Nothing of it ever changes. Periods are in seconds.
/// @param registry Where bonds and sets are; deployed before, with this contract's address.
/// @param points The log of attested points; its address is known before it is deployed.
/// @param governance The timelock that adds domains and origins and names the vetoer.
/// @param vetoer Who may veto what rests on more than cryptography; zero for nobody.
/// @param inbox The home chain's Inbox, from which facts about other chains arrive.
/// @param verifiers The contracts that check signatures.
/// @param vetoWindow How long a pending slash waits.
/// @param commitLife How old a commitment may be.
/// @param collusionWindow How far apart the proofs of colluders may lie; at most the registry's unbonding time.
/// @param collusionMinimum How many validators make a collusion, at least 2.
struct SlashingConfig {
    IValidatorRegistry registry;
    IAttestedPoints points;
    address governance;
    address vetoer;
    address inbox;
    SignatureVerifiers verifiers;
    uint40 vetoWindow;
    uint40 commitLife;
    uint40 collusionWindow;
    uint16 collusionMinimum;
}

/// @notice An Inbox of this bridge.
struct Destination {
    uint256 chainId;
    address inbox;
}

/// @notice An Outbox of this bridge, and who says what its lanes were.
struct Source {
    uint256 chainId;
    address outbox;
    address witness;
}

/// @notice One place of a lane, as seen by one Inbox: honest validators sign one accumulator for it, for ever.
struct Place {
    bytes32 domain;
    LaneId lane;
    uint64 nonce;
}

/// @notice What was signed for a place, in which epoch, and the signature.
/// @param signature By its length. 64 bytes: Ed25519. 96 bytes: the same with the hint for registered keys, R ‖ S ‖ x. 193 bytes: a BLS
/// aggregate that contains the validator's: the id of a set in the key sets, the validator's index there in one byte, the bitmap
/// of the signers in 32 bytes, and the sum of their signatures, 128 bytes of G1.
struct Signed {
    bytes32 accumulator;
    uint64 epoch;
    bytes signature;
}

/// @notice Two signatures of one validator for one place with different accumulators.
struct DoubleSigning {
    bytes32 key;
    Place place;
    Signed first;
    Signed second;
}

/// @notice An envelope, signed by the validator, around a signature that does not verify.
/// @param inner 64 bytes of Ed25519 or 128 of BLS.
/// @param blsKey The validator's BLS key for an inner BLS signature, else empty.
/// @param envelope A signature of the envelope's digest by the validator's Ed25519 key, 64 or 96 bytes.
struct InvalidSignature {
    bytes32 key;
    Place place;
    bytes32 accumulator;
    uint64 epoch;
    bytes inner;
    bytes blsKey;
    bytes envelope;
}

/// @notice A signature for a place whose true accumulator is another.
/// @param originChainId Where the lane begins.
/// @param outbox The Outbox there; the registry for the lane of validator sets.
struct FalseProof {
    bytes32 key;
    Place place;
    uint256 originChainId;
    address outbox;
    Signed signed;
}

/// @notice A validator that is missing in more than half of a window of recorded points.
/// @param from The first of the window's points, by its index in {IAttestedPoints}.
/// @param set The set of the epoch.
/// @param index The validator's place among the members.
struct Downtime {
    bytes32 key;
    uint32 from;
    uint16 index;
    ValidatorSet set;
}

/// @notice What is kept of a validator's offences at one place.
/// @param epoch The epoch of the first of them against safety.
/// @param provenAt When that was punished (Unix seconds), 0 before.
/// @param offences Bit i stands for offence i: it was submitted.
/// @param paid What was taken for offences against safety.
struct Record {
    uint64 epoch;
    uint40 provenAt;
    uint8 offences;
    uint128 paid;
}

/// @notice A slash that waits for a veto.
/// @param placeId Where it happened; zero for downtime.
/// @param executableAt Unix seconds.
struct Pending {
    bytes32 key;
    bytes32 placeId;
    address reporter;
    uint64 epoch;
    Offence offence;
    uint40 executableAt;
}
