// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBLS12381SetVerifier} from "../../crypto/interfaces/IBLS12381SetVerifier.sol";
import {IEd25519BatchVerifier} from "../../crypto/interfaces/IEd25519BatchVerifier.sol";
import {IEd25519KeyRegistry} from "../../crypto/interfaces/IEd25519KeyRegistry.sol";
import {IKeyVerifier} from "../../crypto/interfaces/IKeyVerifier.sol";
import {Scheme, ValidatorSet} from "../types/ValidatorSet.sol";
import {BatchCall} from "./BatchCall.sol";

/// @notice The contracts that a chain checks signatures with.
/// @param keys Ed25519 keys that have a table.
/// @param batch Checks signatures of keys that have a table.
/// @param single Checks signatures of any Ed25519 key, at three times the gas, so that a key without a table holds nobody up.
/// @param bls Checks aggregates; zero on a chain without the precompiles of EIP-2537, where a set cannot use them.
struct Verifiers {
    IEd25519KeyRegistry keys;
    IEd25519BatchVerifier batch;
    IKeyVerifier single;
    IBLS12381SetVerifier bls;
}

/// @title The M-of-N rule
/// @notice M ≥ 2, M > N/2, N ≥ M, keys ascending and of the scheme: checked wherever a set enters a contract.
/// The TypeScript equal is `relayer/bridge/core/quorum.ts`.
library QuorumLib {
    /// @notice The most members that a set may have.
    uint256 internal constant MAX_VALIDATORS = 128;
    /// @notice The longest {ValidatorSet-overlap}, in seconds.
    uint32 internal constant MAX_OVERLAP = 2 days;

    /// @dev R ‖ S ‖ x of an Ed25519 signature.
    uint256 private constant SIGNATURE_BYTES = 96;

    /// @notice A verifier that every chain needs has no code.
    error VerifierWithoutCode(address verifier);
    /// @notice The threshold is below 2, not above half of the members, or above the number of members.
    error InvalidThreshold(uint256 threshold, uint256 validators);
    /// @notice The set has more members than {MAX_VALIDATORS}.
    error TooManyValidators(uint256 validators, uint256 most);
    /// @notice The key at `index` is not above the one before it: unsorted, a duplicate, or zero.
    error KeysNotAscending(uint256 index);
    /// @notice The key at `index` is not canonical, off the curve or of small order.
    error InvalidKey(uint256 index, bytes32 key);
    /// @notice This chain cannot check the signatures of such a set.
    error SchemeNotSupported(Scheme scheme);
    /// @notice A BLS set names one key set that has been created on this chain.
    error UnknownKeySet(bytes32 id);
    /// @notice The set expired already, or its first day would be its last. (Unix seconds.)
    error SetExpired(uint64 epoch, uint64 expiresAt);
    /// @notice The overlap is longer than {MAX_OVERLAP} seconds.
    error OverlapTooLong(uint32 overlap, uint32 longest);
    /// @notice Fewer members signed than the threshold.
    error QuorumNotReached(uint256 signers, uint256 threshold);
    /// @notice The bitmap of signers names a member that the set does not have.
    error UnknownSigner(uint256 index, uint256 validators);
    /// @notice There are not 96 bytes for each signer.
    error InvalidSignatureLength(uint256 actual, uint256 expected);
    /// @notice The signature is not one of the member at `index` over this digest.
    error InvalidMemberSignature(uint256 index);
    /// @notice The aggregate is not one of these members over this digest.
    error InvalidAggregate(uint256 signers);

    /// @notice The hash by which contracts remember a set.
    function hash(ValidatorSet memory set) internal pure returns (bytes32) {
        return keccak256(abi.encode(set));
    }

    /// @notice {hash} of a set in calldata, at a third of the gas.
    function hashOf(ValidatorSet calldata set) internal pure returns (bytes32 result) {
        (uint64 epoch, uint64 expiresAt, uint32 overlap) = (set.epoch, set.expiresAt, set.overlap);
        (uint16 threshold, Scheme scheme) = (set.threshold, set.scheme);
        bytes32[] calldata members = set.members;
        // abi.encode(set), behind the free memory pointer. The fields were checked when they were read above.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, 0x20)
            mstore(add(data, 0x20), epoch)
            mstore(add(data, 0x40), expiresAt)
            mstore(add(data, 0x60), overlap)
            mstore(add(data, 0x80), threshold)
            mstore(add(data, 0xa0), scheme)
            mstore(add(data, 0xc0), 0xc0)
            mstore(add(data, 0xe0), members.length)
            let length := shl(5, members.length)
            calldatacopy(add(data, 0x100), members.offset, length)
            result := keccak256(data, add(0x100, length))
        }
    }

    /// @notice Reverts unless the verifiers are there.
    function requireValid(Verifiers memory verifiers) internal view {
        require(address(verifiers.keys).code.length > 0, VerifierWithoutCode(address(verifiers.keys)));
        require(address(verifiers.batch).code.length > 0, VerifierWithoutCode(address(verifiers.batch)));
        require(address(verifiers.single).code.length > 0, VerifierWithoutCode(address(verifiers.single)));
        address bls = address(verifiers.bls);
        require(bls == address(0) || bls.code.length > 0, VerifierWithoutCode(bls));
    }

    /// @notice Reverts unless `set` may guard value: see the rule of this library.
    function requireValid(ValidatorSet memory set, Verifiers memory verifiers) internal view {
        uint256 count = size(set, verifiers);
        require(count <= MAX_VALIDATORS, TooManyValidators(count, MAX_VALIDATORS));
        require(
            set.threshold >= 2 && set.threshold <= count && 2 * uint256(set.threshold) > count,
            InvalidThreshold(set.threshold, count)
        );
        require(set.expiresAt > block.timestamp, SetExpired(set.epoch, set.expiresAt));
        require(set.overlap <= MAX_OVERLAP, OverlapTooLong(set.overlap, MAX_OVERLAP));
        if (set.scheme == Scheme.Ed25519) _requireValidKeys(set.members, verifiers);
    }

    /// @notice N: the number of members of `set`.
    function size(ValidatorSet memory set, Verifiers memory verifiers) internal view returns (uint256 count) {
        if (set.scheme == Scheme.Ed25519) return set.members.length;
        require(address(verifiers.bls) != address(0), SchemeNotSupported(set.scheme));
        bytes32 id = set.members.length == 1 ? set.members[0] : bytes32(0);
        count = verifiers.bls.sizeOf(id);
        require(count > 0, UnknownKeySet(id));
    }

    /// @notice Reverts unless at least `set.threshold` distinct members of an unexpired set signed `digest`, and every signature
    /// given is valid. The caller has made sure that the set is one that it knows.
    function requireQuorum(
        ValidatorSet calldata set,
        uint256 signers,
        bytes calldata signature,
        Verifiers memory verifiers,
        bytes32 digest
    ) internal view {
        require(block.timestamp < set.expiresAt, SetExpired(set.epoch, set.expiresAt));
        (uint256 count, uint256 threshold) = (_popcount(signers), set.threshold);
        require(count >= threshold, QuorumNotReached(count, threshold));
        if (set.scheme == Scheme.Ed25519) _requireSignatures(set.members, signers, count, signature, verifiers, digest);
        else _requireAggregate(set, signers, signature, verifiers, digest);
    }

    function _requireSignatures(
        bytes32[] calldata members,
        uint256 signers,
        uint256 count,
        bytes calldata signature,
        Verifiers memory verifiers,
        bytes32 digest
    ) private view {
        // Not `require`, which would work out the error's arguments every time.
        if (signers >> members.length != 0) revert UnknownSigner(Math.log2(signers), members.length);
        uint256 expected = count * SIGNATURE_BYTES;
        require(signature.length == expected, InvalidSignatureLength(signature.length, expected));
        if (BatchCall.verifyAll(verifiers.batch, digest, members, signers, count, signature)) return;
        // One is invalid, or has no table: one by one, to let the one pass and to name the other.
        for (; signers != 0; signers &= signers - 1) {
            uint256 index = Math.log2(signers & (~signers + 1));
            bytes memory key = abi.encodePacked(members[index]);
            bool valid =
                verifiers.batch.verifyAll(digest, key, signature[:SIGNATURE_BYTES]) ||
                    verifiers.single.verify(key, digest, signature[:64]) == IERC7913SignatureVerifier.verify.selector;
            require(valid, InvalidMemberSignature(index));
            signature = signature[SIGNATURE_BYTES:];
        }
    }

    function _requireAggregate(
        ValidatorSet calldata set,
        uint256 signers,
        bytes calldata signature,
        Verifiers memory verifiers,
        bytes32 digest
    ) private view {
        // Sets of this scheme have one member, a key set that exists; `requireValid` saw to it.
        bytes memory key = abi.encodePacked(set.members[0], uint8(set.threshold)); // at most MAX_VALIDATORS
        bool valid =
            verifiers.bls.verify(key, digest, abi.encodePacked(signers, signature)) ==
                IERC7913SignatureVerifier.verify.selector;
        require(valid, InvalidAggregate(signers));
    }

    function _requireValidKeys(bytes32[] memory keys, Verifiers memory verifiers) private view {
        bytes32 previous = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 key = keys[i];
            require(key > previous, KeysNotAscending(i));
            // A key with a table was checked when its table was made.
            bool valid = verifiers.keys.isRegistered(key) || verifiers.single.isValidKey(abi.encodePacked(key));
            require(valid, InvalidKey(i, key));
            previous = key;
        }
    }

    function _popcount(uint256 bitmap) private pure returns (uint256 count) {
        unchecked {
            for (; bitmap != 0; bitmap &= bitmap - 1) ++count; // at most 256
        }
    }
}
