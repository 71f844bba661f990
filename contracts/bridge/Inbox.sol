// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Guarded} from "./Guarded.sol";
import {Sets, ValidatorSets} from "./ValidatorSets.sol";
import {IInbox, Origin} from "./interfaces/IInbox.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {MessageLib} from "./libraries/MessageLib.sol";
import {Verifiers} from "./libraries/QuorumLib.sol";
import {RecipientCall} from "./libraries/RecipientCall.sol";
import {LaneId, Message, MessageId} from "./types/Message.sol";
import {Quorum} from "./types/ValidatorSet.sol";

/// @title Inbox
/// @notice See {IInbox}.
contract Inbox is IInbox, ValidatorSets, ReentrancyGuardTransient {
    /// @dev Where a lane comes from, and how far it was accepted. Two slots.
    struct Lane {
        address outbox;
        uint64 nonce;
        bytes32 accumulator;
    }

    /// @dev How many bytes of a refusal {MessageFailed} keeps.
    uint256 private constant MOST_REASON_BYTES = 256;

    mapping(uint256 originChainId => Lane lane) private _lanes;
    /// @inheritdoc IInbox
    mapping(MessageId messageId => bool failed) public isFailed;

    /// @param verifiers What signatures are checked with here.
    /// @param sets Where validator sets come from, and the one to begin with.
    /// @param origins The chains from which messages are accepted, each once.
    /// @param governance A timelock. It names the guardian, and proposes a set if a quorum is lost for good.
    /// @param guardian Who may pause.
    constructor(
        Verifiers memory verifiers,
        Sets memory sets,
        Origin[] memory origins,
        address governance,
        address guardian
    ) Guarded(governance, guardian) ValidatorSets(verifiers, sets) {
        for (uint256 i = 0; i < origins.length; ++i) {
            (uint256 chainId, address outbox) = (origins[i].chainId, origins[i].outbox);
            bool isNew = chainId != block.chainid && _lanes[chainId].outbox == address(0);
            // An Outbox at the registry's address would share its lane: messages could pass for validator sets.
            bool isRegistry = chainId == sets.chainId && outbox == sets.registry;
            require(isNew && outbox != address(0) && !isRegistry, InvalidOrigin(chainId, outbox));
            _lanes[chainId].outbox = outbox;
        }
    }

    /// @inheritdoc IInbox
    function deliver(
        uint256 originChainId,
        uint64 firstNonce,
        Message[] calldata messages,
        MessageId[] calldata later,
        Quorum calldata quorum
    ) external nonReentrant whenNotPaused {
        MessageId[] memory ids = _accept(originChainId, firstNonce, messages, later, quorum);

        bytes memory sender = RecipientCall.senderOn(originChainId);
        for (uint256 i = 0; i < messages.length; ++i) {
            Message calldata message = messages[i];
            (MessageId id, uint256 gasLimit) = (ids[i], message.gasLimit);
            // The whole gas that the sender named, or no delivery: a caller cannot make a message fail by starving it.
            uint256 available = BoundedCall.spendable(gasleft());
            require(available >= gasLimit, InsufficientGas(available, gasLimit));
            (bool executed, bytes memory reason) = _execute(id, sender, message, gasLimit);
            uint64 nonce = firstNonce + uint64(i); // no more than the nonce that _accept stored
            if (executed) {
                emit MessageExecuted(id, originChainId, nonce);
            } else {
                isFailed[id] = true;
                emit MessageFailed(id, originChainId, nonce, reason);
            }
        }
    }

    /// @inheritdoc IInbox
    function retry(uint256 originChainId, uint64 nonce, Message calldata message) external nonReentrant whenNotPaused {
        MessageId id = MessageLib.messageId(_laneId(originChainId, _lanes[originChainId].outbox), nonce, message);
        require(isFailed[id], NotRetryable(id));

        delete isFailed[id];
        emit MessageExecuted(id, originChainId, nonce);

        uint256 available = BoundedCall.spendable(gasleft());
        require(available >= message.gasLimit, InsufficientGas(available, message.gasLimit));
        (bool executed, bytes memory reason) = _execute(id, RecipientCall.senderOn(originChainId), message, available);
        require(executed, RetryFailed(id, reason));
    }

    /// @inheritdoc IInbox
    function lanes(uint256 originChainId) external view returns (uint64 nonce, bytes32 accumulator) {
        Lane storage lane = _lanes[originChainId];
        return (lane.nonce, lane.accumulator);
    }

    /// @inheritdoc IInbox
    function outboxes(uint256 originChainId) external view returns (address) {
        return _lanes[originChainId].outbox;
    }

    /// @dev Folds the batch over the lane, checks the quorum on the point where it ends, and moves the lane to its last message.
    function _accept(
        uint256 originChainId,
        uint64 firstNonce,
        Message[] calldata messages,
        MessageId[] calldata later,
        Quorum calldata quorum
    ) private returns (MessageId[] memory ids) {
        Lane storage lane = _lanes[originChainId];
        (address outbox, uint64 accepted) = (lane.outbox, lane.nonce);
        LaneId laneId = _laneId(originChainId, outbox);
        require(messages.length > 0, EmptyBatch());
        require(firstNonce == accepted + 1, NonceMismatch(firstNonce, accepted + 1));

        ids = new MessageId[](messages.length);
        bytes32 accumulator = lane.accumulator;
        for (uint256 i = 0; i < messages.length; ++i) {
            MessageId id = MessageLib.messageId(laneId, firstNonce + uint64(i), messages[i]);
            ids[i] = id;
            accumulator = MessageLib.fold(accumulator, id);
        }
        // Calldata bounds both lengths far below 2^64, so the casts keep every bit.
        uint64 last = accepted + uint64(messages.length);
        _requireAttested(laneId, last + uint64(later.length), _foldAll(accumulator, later), quorum);

        (lane.nonce, lane.accumulator) = (last, accumulator);
        emit LaneAccepted(originChainId, last, quorum.set.epoch, accumulator, quorum.signers);
    }

    /// @dev Calls the recipient. Only the magic value counts as acceptance, so an account without code accepts nothing.
    function _execute(
        MessageId id,
        bytes memory sender,
        Message calldata message,
        uint256 gasLimit
    ) private returns (bool executed, bytes memory returned) {
        bytes memory data = RecipientCall.encode(id, sender, message);
        (executed, returned) = BoundedCall.tryCall(message.recipient, data, gasLimit, MOST_REASON_BYTES);
        executed = executed && returned.length == 32 && bytes32(returned) == IERC7786Recipient.receiveMessage.selector;
    }

    function _laneId(uint256 originChainId, address outbox) private view returns (LaneId) {
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
