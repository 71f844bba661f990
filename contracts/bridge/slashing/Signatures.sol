// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IBLS12381KeySets} from "../../crypto/interfaces/IBLS12381KeySets.sol";
import {IEvidence} from "../interfaces/IEvidence.sol";
import {IValidatorRegistry} from "../interfaces/IValidatorRegistry.sol";
import {QuorumLib} from "../libraries/QuorumLib.sol";
import {ValidatorSet} from "../types/ValidatorSet.sol";
import {SignatureVerifiers} from "./SlashingTypes.sol";

/// @title Whether a validator signed
/// @notice The forms of signatures are those of {Signed}. No verifier answers "invalid" for want of gas: it reverts then, and so does this.
abstract contract Signatures is IEvidence {
    uint256 internal constant ED25519_BYTES = 64;
    uint256 private constant HINTED_BYTES = 96;
    uint256 internal constant BLS_BYTES = 128;
    uint256 private constant AGGREGATE_BYTES = 193;
    /// @dev A key in the code of a set, without the sixteen zeros in front of each of its four coordinates.
    uint256 private constant PACKED_KEY_BYTES = 192;

    /// @inheritdoc IEvidence
    IValidatorRegistry public immutable REGISTRY;
    IERC7913SignatureVerifier internal immutable ED25519;
    IERC7913SignatureVerifier private immutable COMB;
    IERC7913SignatureVerifier internal immutable BLS;
    IERC7913SignatureVerifier private immutable BLS_SETS;
    IBLS12381KeySets private immutable KEY_SETS;

    constructor(IValidatorRegistry registry, SignatureVerifiers memory verifiers) {
        REGISTRY = registry;
        (ED25519, COMB) = (verifiers.ed25519, verifiers.comb);
        (BLS, BLS_SETS, KEY_SETS) = (verifiers.bls, verifiers.blsSets, verifiers.keySets);
    }

    /// @dev Reverts unless `signature`, in whichever form, shows that the validator signed `digest`.
    function _requireSigned(bytes32 key, bytes32 digest, bytes calldata signature) internal view {
        bool isSigned;
        if (signature.length == AGGREGATE_BYTES) {
            (bytes32 set, uint256 index) = (bytes32(signature), uint8(signature[32]));
            _requireBlsKey(key, _keyHashAt(set, index));
            isSigned = (uint256(bytes32(signature[33:])) >> index) & 1 == 1;
            _requireAggregate(set, digest, signature[33:]);
        } else {
            isSigned = _isEd25519(key, digest, signature);
        }
        require(isSigned, SignatureNotValid(key, digest));
    }

    /// @dev By the table of a registered key where the hint is there and right; the answer is the same without.
    function _isEd25519(bytes32 key, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        require(
            signature.length == ED25519_BYTES || signature.length == HINTED_BYTES,
            UnknownSignatureForm(signature.length)
        );
        bytes memory encoded = abi.encodePacked(key);
        if (signature.length == HINTED_BYTES && _accepts(COMB, encoded, digest, signature)) return true;
        return _accepts(ED25519, encoded, digest, signature[:ED25519_BYTES]);
    }

    /// @dev Reverts unless every member in the bitmap, at least one, signed: `votes` is the bitmap and the sum of the signatures.
    function _requireAggregate(bytes32 set, bytes32 digest, bytes memory votes) internal view {
        require(_accepts(BLS_SETS, abi.encodePacked(set, uint8(1)), digest, votes), SignatureNotValid(set, digest));
    }

    function _requireBlsKey(bytes32 key, bytes32 keyHash) internal view {
        bytes32 expected = REGISTRY.validatorOf(key).blsKeyHash;
        require(keyHash == expected && keyHash != 0, NotValidatorsBlsKey(keyHash, expected));
    }

    /// @dev keccak256 of the 256 bytes of the set's key at `index`; of zeros, which nobody's key is, where there is none.
    function _keyHashAt(bytes32 set, uint256 index) internal view returns (bytes32) {
        address code = KEY_SETS.setAddress(set);
        bytes memory packed = new bytes(PACKED_KEY_BYTES);
        bytes memory key = new bytes(256);
        // Behind the byte 0xfe and the sum of all keys. `packed` and `key` have room for what is copied.
        uint256 offset = 1 + (1 + index) * PACKED_KEY_BYTES;
        assembly ("memory-safe") {
            extcodecopy(code, add(packed, 32), offset, PACKED_KEY_BYTES)
            for {
                let i := 0
            } lt(i, 4) {
                i := add(i, 1)
            } {
                mcopy(add(key, add(48, shl(6, i))), add(packed, add(32, mul(i, 48))), 48)
            }
        }
        return keccak256(key);
    }

    function _requireSet(ValidatorSet calldata set) internal view {
        (bytes32 actual, bytes32 expected) = (QuorumLib.hashOf(set), REGISTRY.validatorSetHash(set.epoch));
        require(actual == expected, WrongSet(set.epoch, actual, expected));
    }

    function _accepts(
        IERC7913SignatureVerifier verifier,
        bytes memory key,
        bytes32 digest,
        bytes memory signature
    ) internal view returns (bool) {
        return verifier.verify(key, digest, signature) == IERC7913SignatureVerifier.verify.selector;
    }
}
