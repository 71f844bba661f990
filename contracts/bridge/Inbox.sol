// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IKeyVerifier} from "../crypto/interfaces/IKeyVerifier.sol";
import {IInbox, Origin} from "./interfaces/IInbox.sol";
import {AttestationLib} from "./libraries/AttestationLib.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {MessageLib} from "./libraries/MessageLib.sol";
import {MemberSignature, QuorumLib, ValidatorSet} from "./libraries/QuorumLib.sol";
import {LaneId, Message, MessageId} from "./types/Message.sol";

/// @title Inbox
/// @notice See {IInbox}.
contract Inbox is IInbox, ReentrancyGuardTransient {
    /// @dev How far a lane was accepted: one slot for each member.
    struct Lane {
        uint64 nonce;
        bytes32 accumulator;
    }

    /// @dev How many bytes of a refusal {MessageFailed} keeps.
    uint256 private constant MOST_REASON_BYTES = 256;

    /// @inheritdoc IInbox
    IKeyVerifier public immutable VERIFIER;

    /// @inheritdoc IInbox
    mapping(uint256 originChainId => Lane lane) public lanes;
    /// @inheritdoc IInbox
    mapping(uint256 originChainId => address outbox) public outboxes;
    /// @inheritdoc IInbox
    mapping(uint64 epoch => bytes32 setHash) public validatorSetHash;
    /// @inheritdoc IInbox
    mapping(MessageId messageId => bool failed) public isFailed;

    /// @param verifier Checks keys and signatures; must have code.
    /// @param set The first validator set, of epoch 1.
    /// @param origins The chains from which messages are accepted, each once.
    constructor(IKeyVerifier verifier, ValidatorSet memory set, Origin[] memory origins) {
        require(address(verifier).code.length > 0, VerifierWithoutCode(address(verifier)));
        require(set.epoch == 1, InvalidEpoch(set.epoch, 1));
        QuorumLib.requireValid(set, verifier);

        VERIFIER = verifier;
        bytes32 setHash = QuorumLib.hash(set);
        validatorSetHash[set.epoch] = setHash;
        emit ValidatorSetActivated(set.epoch, setHash, set);
        for (uint256 i = 0; i < origins.length; ++i) {
            (uint256 chainId, address outbox) = (origins[i].chainId, origins[i].outbox);
            bool isNew = chainId != block.chainid && outboxes[chainId] == address(0);
            require(isNew && outbox != address(0), InvalidOrigin(chainId, outbox));
            outboxes[chainId] = outbox;
        }
    }

    /// @inheritdoc IInbox
    function deliver(
        uint256 originChainId,
        uint64 firstNonce,
        Message[] calldata messages,
        MessageId[] calldata later,
        ValidatorSet calldata set,
        MemberSignature[] calldata signatures
    ) external nonReentrant {
        MessageId[] memory ids = _accept(originChainId, firstNonce, messages, later, set, signatures);

        for (uint256 i = 0; i < messages.length; ++i) {
            // The whole gas that the sender named, or no delivery: a caller cannot make a message fail by starving it.
            uint256 available = BoundedCall.spendable(gasleft());
            require(available >= messages[i].gasLimit, InsufficientGas(available, messages[i].gasLimit));
            (bool executed, bytes memory reason) = _execute(ids[i], originChainId, messages[i], messages[i].gasLimit);
            uint64 nonce = firstNonce + uint64(i); // no more than the nonce that _accept stored
            if (executed) {
                emit MessageExecuted(ids[i], originChainId, nonce);
            } else {
                isFailed[ids[i]] = true;
                emit MessageFailed(ids[i], originChainId, nonce, reason);
            }
        }
    }

    /// @inheritdoc IInbox
    function retry(uint256 originChainId, uint64 nonce, Message calldata message) external nonReentrant {
        MessageId id = MessageLib.messageId(_lane(originChainId), nonce, message);
        require(isFailed[id], NotRetryable(id));

        delete isFailed[id];
        emit MessageExecuted(id, originChainId, nonce);

        uint256 available = BoundedCall.spendable(gasleft());
        require(available >= message.gasLimit, InsufficientGas(available, message.gasLimit));
        (bool executed, bytes memory reason) = _execute(id, originChainId, message, available);
        require(executed, RetryFailed(id, reason));
    }

    /// @inheritdoc IInbox
    function domain() public view returns (bytes32) {
        return AttestationLib.domain(block.chainid, address(this));
    }

    /// @dev Folds the batch over the lane, checks the quorum on the point where it ends, and moves the lane to its last message.
    function _accept(
        uint256 originChainId,
        uint64 firstNonce,
        Message[] calldata messages,
        MessageId[] calldata later,
        ValidatorSet calldata set,
        MemberSignature[] calldata signatures
    ) private returns (MessageId[] memory ids) {
        LaneId laneId = _lane(originChainId);
        Lane storage lane = lanes[originChainId];
        require(messages.length > 0, EmptyBatch());
        require(firstNonce == lane.nonce + 1, NonceMismatch(firstNonce, lane.nonce + 1));

        ids = new MessageId[](messages.length);
        bytes32 accumulator = lane.accumulator;
        for (uint256 i = 0; i < messages.length; ++i) {
            ids[i] = MessageLib.messageId(laneId, firstNonce + uint64(i), messages[i]);
            accumulator = MessageLib.fold(accumulator, ids[i]);
        }
        // Calldata bounds both lengths far below 2^64, so the casts keep every bit.
        uint64 last = firstNonce + uint64(messages.length) - 1;
        _requireAttested(laneId, last + uint64(later.length), _foldAll(accumulator, later), set, signatures);

        (lane.nonce, lane.accumulator) = (last, accumulator);
        emit LaneAccepted(originChainId, last, set.epoch, accumulator);
    }

    function _requireAttested(
        LaneId laneId,
        uint64 nonce,
        bytes32 accumulator,
        ValidatorSet calldata set,
        MemberSignature[] calldata signatures
    ) private view {
        // An epoch that never was has the hash zero, which no set has.
        (bytes32 actual, bytes32 expected) = (QuorumLib.hash(set), validatorSetHash[set.epoch]);
        require(actual == expected, UnknownValidatorSet(set.epoch, actual, expected));
        bytes32 digest = AttestationLib.digest(domain(), laneId, nonce, accumulator, set.epoch);
        QuorumLib.requireQuorum(set, VERIFIER, digest, signatures);
    }

    /// @dev Calls the recipient. Only the magic value counts as acceptance, so an account without code accepts nothing.
    function _execute(
        MessageId id,
        uint256 originChainId,
        Message calldata message,
        uint256 gasLimit
    ) private returns (bool executed, bytes memory returned) {
        bytes memory sender = InteroperableAddress.formatEvmV1(originChainId, message.sender);
        bytes memory data = abi.encodeCall(
            IERC7786Recipient.receiveMessage,
            (MessageId.unwrap(id), sender, message.payload)
        );
        (executed, returned) = BoundedCall.tryCall(message.recipient, data, gasLimit, MOST_REASON_BYTES);
        executed = executed && returned.length == 32 && bytes32(returned) == IERC7786Recipient.receiveMessage.selector;
    }

    function _lane(uint256 originChainId) private view returns (LaneId) {
        address outbox = outboxes[originChainId];
        require(outbox != address(0), UnknownOrigin(originChainId));
        return MessageLib.laneId(originChainId, outbox, block.chainid);
    }

    function _foldAll(bytes32 accumulator, MessageId[] calldata ids) private pure returns (bytes32) {
        for (uint256 i = 0; i < ids.length; ++i) {
            accumulator = MessageLib.fold(accumulator, ids[i]);
        }
        return accumulator;
    }
}
