// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786GatewaySource} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {Guarded} from "./Guarded.sol";
import {IOutbox} from "./interfaces/IOutbox.sol";
import {MessageLib} from "./libraries/MessageLib.sol";
import {LaneId, MessageId} from "./types/Message.sol";

/// @title Outbox
/// @notice See {IOutbox}.
contract Outbox is IOutbox, Guarded {
    /// @dev How far a lane has come: one slot for each member.
    struct Lane {
        uint64 nonce;
        bytes32 accumulator;
    }

    /// @dev The selector of the attribute `gasLimit(uint256)`.
    bytes4 private constant GAS_LIMIT_ATTRIBUTE = bytes4(keccak256("gasLimit(uint256)"));

    /// @inheritdoc IOutbox
    uint256 public constant MAX_PAYLOAD_BYTES = 8192;
    /// @inheritdoc IOutbox
    uint64 public constant MIN_GAS_LIMIT = 20_000;
    /// @inheritdoc IOutbox
    uint64 public constant MAX_GAS_LIMIT = 5_000_000;
    /// @inheritdoc IOutbox
    uint64 public constant DEFAULT_GAS_LIMIT = 200_000;

    /// @inheritdoc IOutbox
    mapping(uint256 destinationChainId => Lane lane) public lanes;

    /// @param governance A timelock. It names the guardian.
    /// @param guardian Who may pause sending.
    constructor(address governance, address guardian) Guarded(governance, guardian) {}

    /// @inheritdoc IERC7786GatewaySource
    function sendMessage(
        bytes calldata recipient,
        bytes calldata payload,
        bytes[] calldata attributes
    ) external payable whenNotPaused returns (bytes32 sendId) {
        require(msg.value == 0, ValueNotSupported(msg.value));
        require(payload.length <= MAX_PAYLOAD_BYTES, PayloadTooLong(payload.length, MAX_PAYLOAD_BYTES));
        (uint256 destinationChainId, address to) = _parseRecipient(recipient);
        uint64 gasLimit = _gasLimit(attributes);

        Lane storage lane = lanes[destinationChainId];
        uint64 nonce = lane.nonce + 1;
        MessageId id = MessageLib.messageId(laneTo(destinationChainId), nonce, msg.sender, to, gasLimit, payload);
        bytes32 accumulator = MessageLib.fold(lane.accumulator, id);
        (lane.nonce, lane.accumulator) = (nonce, accumulator);

        sendId = MessageId.unwrap(id);
        emit MessageSent(
            sendId,
            InteroperableAddress.formatEvmV1(block.chainid, msg.sender),
            recipient,
            payload,
            0,
            attributes
        );
        emit LaneAdvanced(destinationChainId, nonce, id, accumulator);
    }

    /// @inheritdoc IERC7786GatewaySource
    function supportsAttribute(bytes4 selector) external pure returns (bool) {
        return selector == GAS_LIMIT_ATTRIBUTE;
    }

    /// @inheritdoc IOutbox
    function laneTo(uint256 destinationChainId) public view returns (LaneId) {
        return MessageLib.laneId(block.chainid, address(this), destinationChainId);
    }

    /// @dev Accepts one encoding an address only: a second one of the same account would be a second message to indexers.
    function _parseRecipient(bytes calldata recipient) private view returns (uint256 chainId, address account) {
        bool parsed;
        (parsed, chainId, account) = InteroperableAddress.tryParseEvmV1Calldata(recipient);
        require(
            parsed &&
                account != address(0) &&
                keccak256(recipient) == keccak256(InteroperableAddress.formatEvmV1(chainId, account)),
            InvalidRecipient(recipient)
        );
        require(chainId != block.chainid, DestinationIsOrigin(chainId));
    }

    function _gasLimit(bytes[] calldata attributes) private pure returns (uint64) {
        if (attributes.length == 0) return DEFAULT_GAS_LIMIT;
        bytes calldata attribute = attributes[0];
        require(attribute.length >= 4, MalformedAttribute(attribute));
        bytes4 selector = bytes4(attribute);
        require(selector == GAS_LIMIT_ATTRIBUTE, UnsupportedAttribute(selector));
        require(attribute.length == 36, MalformedAttribute(attribute));
        if (attributes.length > 1) revert MalformedAttribute(attributes[1]);
        uint256 gasLimit = uint256(bytes32(attribute[4:]));
        require(
            gasLimit >= MIN_GAS_LIMIT && gasLimit <= MAX_GAS_LIMIT,
            GasLimitOutOfRange(gasLimit, MIN_GAS_LIMIT, MAX_GAS_LIMIT)
        );
        return uint64(gasLimit); // at most MAX_GAS_LIMIT
    }
}
