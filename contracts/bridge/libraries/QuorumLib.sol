// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IKeyVerifier} from "../../crypto/interfaces/IKeyVerifier.sol";

/// @notice M of N validators. Contracts store the hash of a set; the set itself travels in calldata.
/// @param epoch Counts the sets, from 1. Each rotation adds one.
/// @param threshold M: how many distinct members must have signed.
/// @param validators The N public keys, strictly ascending, which makes a duplicate or a zero key impossible.
struct ValidatorSet {
    uint64 epoch;
    uint16 threshold;
    bytes32[] validators;
}

/// @notice One member's signature.
/// @param index The member's place in {ValidatorSet-validators}.
/// @param signature As the set's key verifier expects it; 64 bytes for Ed25519.
struct MemberSignature {
    uint16 index;
    bytes signature;
}

/// @title The M-of-N rule
/// @notice M ≥ 2, M > N/2, N ≥ M, keys ascending and admitted by the verifier: checked wherever a set enters a contract.
/// The TypeScript equal is `relayer/bridge/core/quorum.ts`.
library QuorumLib {
    /// @notice The most members that a set may have.
    uint256 internal constant MAX_VALIDATORS = 128;

    /// @notice The threshold is below 2, not above half of the members, or above the number of members.
    error InvalidThreshold(uint256 threshold, uint256 validators);
    /// @notice The set has more members than {MAX_VALIDATORS}.
    error TooManyValidators(uint256 validators, uint256 most);
    /// @notice The key at `index` is not above the one before it: unsorted, a duplicate, or zero.
    error KeysNotAscending(uint256 index);
    /// @notice The verifier does not admit the key at `index` (non-canonical, off the curve, or of small order).
    error InvalidKey(uint256 index, bytes32 key);
    /// @notice Fewer signatures than the threshold.
    error QuorumNotReached(uint256 provided, uint256 required);
    /// @notice The signer at `position` is not above the one before it: unsorted, or the same member twice.
    error SignersNotAscending(uint256 position);
    /// @notice The set has no member at `index`.
    error UnknownSigner(uint256 index, uint256 validators);
    /// @notice The signature at `position` is not one of that member over this digest.
    error InvalidMemberSignature(uint256 position, uint256 index);

    /// @notice The hash by which contracts remember a set.
    function hash(ValidatorSet memory set) internal pure returns (bytes32) {
        return keccak256(abi.encode(set));
    }

    /// @notice Reverts unless `set` may guard value: see the rule of this library.
    function requireValid(ValidatorSet memory set, IKeyVerifier verifier) internal view {
        uint256 count = set.validators.length;
        require(count <= MAX_VALIDATORS, TooManyValidators(count, MAX_VALIDATORS));
        require(
            set.threshold >= 2 && set.threshold <= count && 2 * uint256(set.threshold) > count,
            InvalidThreshold(set.threshold, count)
        );
        bytes32 previous = 0;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 key = set.validators[i];
            require(key > previous, KeysNotAscending(i));
            require(verifier.isValidKey(abi.encodePacked(key)), InvalidKey(i, key));
            previous = key;
        }
    }

    /// @notice Reverts unless at least `set.threshold` distinct members signed `digest`. Every signature given must be valid.
    function requireQuorum(
        ValidatorSet calldata set,
        IERC7913SignatureVerifier verifier,
        bytes32 digest,
        MemberSignature[] calldata signatures
    ) internal view {
        require(signatures.length >= set.threshold, QuorumNotReached(signatures.length, set.threshold));
        uint256 next = 0; // the smallest index that the next signer may have
        for (uint256 i = 0; i < signatures.length; ++i) {
            uint256 index = signatures[i].index;
            require(index >= next, SignersNotAscending(i));
            require(index < set.validators.length, UnknownSigner(index, set.validators.length));
            bytes4 result = verifier.verify(abi.encodePacked(set.validators[index]), digest, signatures[i].signature);
            require(result == IERC7913SignatureVerifier.verify.selector, InvalidMemberSignature(i, index));
            next = index + 1;
        }
    }
}
