// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../interfaces/ISlashing.sol";
import {SlashingBase} from "./SlashingBase.sol";
import {DoubleSigning, InvalidSignature, Offence, Signed} from "./SlashingTypes.sol";

/// @title Offences that signatures alone prove
abstract contract SafetyOffences is SlashingBase {
    /// @dev Separates envelopes from attestations, which the same key signs.
    bytes32 private constant ENVELOPE_TYPEHASH = keccak256(
        "dchat.Envelope/1(bytes32 attestationDigest,bytes32 innerSignatureHash)"
    );

    /// @inheritdoc ISlashing
    function submitDoubleSigning(DoubleSigning calldata evidence, bytes32 salt) external nonReentrant {
        bytes32 evidenceHash = keccak256(abi.encode(Offence.DoubleSigning, evidence));
        _reveal(evidenceHash, salt);
        (Signed calldata earlier, Signed calldata later) = (evidence.first, evidence.second);
        if (earlier.epoch > later.epoch) (earlier, later) = (later, earlier);
        bytes32 key = evidence.key;
        require(earlier.accumulator != later.accumulator, SameAccumulator(later.accumulator));
        _destination(evidence.place.domain);
        uint256 stake = _answerable(key, later.epoch);
        // The earlier epoch's window may be over: the offence was complete with the later signature.
        bool wasMember = earlier.epoch == later.epoch || REGISTRY.stakeAt(key, earlier.epoch) > 0;
        require(wasMember, NotMember(key, earlier.epoch));
        _requireSigned(key, _digest(evidence.place, earlier.accumulator, earlier.epoch), earlier.signature);
        _requireSigned(key, _digest(evidence.place, later.accumulator, later.epoch), later.signature);

        bytes32 placeId = _placeId(evidence.place);
        _use(key, Offence.DoubleSigning, placeId);
        uint256 taken = _punish(key, Offence.DoubleSigning, stake, msg.sender);
        _remember(key, placeId, later.epoch, taken);
        emit Punished(key, Offence.DoubleSigning, placeId, later.epoch, taken, msg.sender, evidenceHash);
    }

    /// @inheritdoc ISlashing
    function submitInvalidSignature(InvalidSignature calldata evidence, bytes32 salt) external nonReentrant {
        bytes32 evidenceHash = keccak256(abi.encode(Offence.InvalidSignature, evidence));
        _reveal(evidenceHash, salt);
        (bytes32 key, uint64 epoch) = (evidence.key, evidence.epoch);
        _destination(evidence.place.domain);
        uint256 stake = _answerable(key, epoch);
        bytes32 digest = _digest(evidence.place, evidence.accumulator, epoch);
        bytes32 envelope = keccak256(abi.encode(ENVELOPE_TYPEHASH, digest, keccak256(evidence.inner)));
        require(_isEd25519(key, envelope, evidence.envelope), SignatureNotValid(key, envelope));
        require(!_isInnerValid(evidence, digest), InnerSignatureIsValid(digest));

        bytes32 placeId = _placeId(evidence.place);
        _use(key, Offence.InvalidSignature, placeId);
        uint256 taken = _punish(key, Offence.InvalidSignature, stake, msg.sender);
        emit Punished(key, Offence.InvalidSignature, placeId, epoch, taken, msg.sender, evidenceHash);
    }

    /// @dev By the verifiers that take any key and no hint: the fast ones also refuse what is valid, for a wrong hint or a key
    /// without a table.
    function _isInnerValid(InvalidSignature calldata evidence, bytes32 digest) private view returns (bool) {
        bytes calldata inner = evidence.inner;
        if (inner.length == ED25519_BYTES) return _accepts(ED25519, abi.encodePacked(evidence.key), digest, inner);
        require(inner.length == BLS_BYTES, UnknownSignatureForm(inner.length));
        _requireBlsKey(evidence.key, keccak256(evidence.blsKey));
        return _accepts(BLS, evidence.blsKey, digest, inner);
    }
}
