// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {BridgeFungible} from "@openzeppelin/contracts/crosschain/bridges/abstract/BridgeFungible.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {Guarded} from "./Guarded.sol";
import {ITokenBridge, PendingTransfer, TokenBridgeConfig} from "./interfaces/ITokenBridge.sol";
import {TransferLib} from "./libraries/TransferLib.sol";
import {TokenLimits} from "./TokenLimits.sol";

/// @title What both sides of a token's bridge share
/// @notice See {ITokenBridge}.
abstract contract TokenBridge is ITokenBridge, TokenLimits, BridgeFungible, ReentrancyGuardTransient {
    using Bytes for bytes;

    /// @inheritdoc ITokenBridge
    uint40 public constant DELAY = 1 days;
    /// @inheritdoc ITokenBridge
    uint40 public constant HOLD = 7 days;

    /// @inheritdoc ITokenBridge
    address public immutable INBOX;
    /// @inheritdoc ITokenBridge
    uint8 public immutable SHARED_DECIMALS;
    /// @inheritdoc ITokenBridge
    uint256 public immutable SCALE;
    /// @dev The most shared units that a transfer may have: they fit into a bucket, and scaled up into a word.
    uint128 private immutable MOST;

    mapping(bytes32 receiveId => PendingTransfer transfer) private _pending;
    /// @inheritdoc ITokenBridge
    uint128 public delayThreshold;

    /// @param token_ Asked for its decimals, once.
    /// @param links The other sides: the Outbox of this chain and the counterpart's ERC-7930 address.
    constructor(
        address token_,
        TokenBridgeConfig memory config,
        Link[] memory links
    ) CrosschainLinked(links) Guarded(config.governance, config.guardian) TokenLimits(config.limits) {
        _requireCode(token_);
        _requireCode(config.inbox);
        (uint256 decimals, uint8 shared) = (IERC20Metadata(token_).decimals(), config.sharedDecimals);
        require(decimals >= shared && decimals - shared <= 77, DecimalsOutOfRange(decimals, shared));

        INBOX = config.inbox;
        SHARED_DECIMALS = shared;
        SCALE = 10 ** (decimals - shared);
        MOST = uint128(Math.min(type(uint128).max, type(uint256).max / SCALE)); // the minimum fits
        for (uint256 i = 0; i < links.length; ++i) {
            (bool parsed, uint256 chainId, ) = _tryParse(links[i].counterpart);
            require(parsed && chainId <= type(uint64).max, InvalidCounterpart(links[i].counterpart));
            _addLane(chainId);
        }
        _setDelayThreshold(config.delayThreshold);
    }

    /// @inheritdoc ITokenBridge
    function release(bytes32 receiveId) external nonReentrant whenNotPaused {
        PendingTransfer memory transfer = _pendingAt(receiveId);
        require(block.timestamp >= transfer.releaseAt, NotReleasable(transfer.releaseAt));
        delete _pending[receiveId];
        (address to, uint128 shared) = (transfer.to, transfer.amount);
        bytes memory from = InteroperableAddress.formatEvmV1(transfer.chainId, transfer.from);
        emit CrosschainFungibleTransferReceived(receiveId, from, to, _toUnits(shared));
        _give(to, shared);
    }

    /// @inheritdoc ITokenBridge
    function hold(bytes32 receiveId) external onlyGuardian {
        PendingTransfer memory transfer = _pendingAt(receiveId);
        require(!transfer.held, AlreadyHeld(receiveId));
        // Timestamps stay below 2^40 for 34,000 years.
        uint40 releaseAt = uint40(Math.max(transfer.releaseAt, block.timestamp)) + HOLD;
        (_pending[receiveId].releaseAt, _pending[receiveId].held) = (releaseAt, true);
        emit TransferHeld(receiveId, releaseAt);
    }

    /// @inheritdoc ITokenBridge
    function reject(bytes32 receiveId) external onlyGovernance {
        PendingTransfer memory transfer = _pendingAt(receiveId);
        delete _pending[receiveId];
        emit TransferRejected(receiveId, transfer.to, _toUnits(transfer.amount));
    }

    /// @inheritdoc ITokenBridge
    function returnToSender(
        bytes32 receiveId
    ) external onlyGovernance nonReentrant whenNotPaused returns (bytes32 sendId) {
        PendingTransfer memory transfer = _pendingAt(receiveId);
        delete _pending[receiveId];
        _consumeOutgoing(transfer.chainId, transfer.amount);
        bytes memory sender = InteroperableAddress.formatEvmV1(transfer.chainId, transfer.from);
        // Nothing is minted or unlocked here, so there is nothing to burn or lock.
        sendId = _dispatch(transfer.to, transfer.chainId, sender, transfer.from, transfer.amount);
        emit TransferReturned(receiveId, sendId, sender, _toUnits(transfer.amount));
    }

    /// @inheritdoc ITokenBridge
    function setDelayThreshold(uint128 threshold) external onlyGovernance {
        _setDelayThreshold(threshold);
    }

    /// @inheritdoc ITokenBridge
    function pending(bytes32 receiveId) external view returns (PendingTransfer memory) {
        return _pending[receiveId];
    }

    /// @dev Replaces BridgeFungible's, which sends the amount that was asked for, whatever came.
    function _crosschainTransfer(
        address from,
        bytes memory to,
        uint256 amount
    ) internal virtual override nonReentrant whenNotPaused returns (bytes32) {
        (uint256 chainId, address account, uint128 shared) = _admit(to, amount);
        return _dispatch(from, chainId, to, account, _take(from, shared));
    }

    /// @dev Refuses at the origin what could only fail, or lose the tokens, at the destination; and what the limits do not let pass.
    /// With a fee on transfer the buckets count what was asked for, which is a little more than what will be sent.
    /// @return chainId Where `to` is.
    /// @return account Who `to` is there.
    /// @return shared The amount in shared units, without its dust.
    function _admit(
        bytes memory to,
        uint256 amount
    ) internal returns (uint256 chainId, address account, uint128 shared) {
        bool parsed;
        (parsed, chainId, account) = _tryParse(to);
        require(parsed, InvalidTokenRecipient(to));
        (address gateway, bytes memory counterpart) = getLink(InteroperableAddress.formatEvmV1(chainId));
        require(gateway != address(0), ChainNotLinked(chainId));
        require(!to.equal(counterpart), InvalidTokenRecipient(to));
        shared = _toShared(amount);
        _consumeOutgoing(chainId, shared);
    }

    /// @dev Sends the message for what was taken.
    /// @param to The ERC-7930 address of `account` on `chainId`.
    function _dispatch(
        address from,
        uint256 chainId,
        bytes memory to,
        address account,
        uint128 shared
    ) internal returns (bytes32 sendId) {
        bytes memory payload = TransferLib.encode(
            InteroperableAddress.formatEvmV1(block.chainid, from),
            account,
            shared
        );
        sendId = _sendMessageToCounterpart(InteroperableAddress.formatEvmV1(chainId), payload, new bytes[](0));
        // After the call, which gives the id; the Outbox calls nobody.
        emit CrosschainFungibleTransferSent(sendId, from, to, _toUnits(shared));
    }

    /// @dev Replaces BridgeFungible's, which pays at once and decodes leniently.
    function _processMessage(
        address,
        bytes32 receiveId,
        bytes calldata sender,
        bytes calldata payload
    ) internal virtual override nonReentrant whenNotPaused {
        (address from, address to, uint256 amount) = TransferLib.decode(sender, payload);
        require(to != address(this), InvalidTokenRecipient(abi.encodePacked(to)));
        require(amount <= MOST, AmountTooLarge(amount, MOST));
        uint128 shared = uint128(amount); // at most MOST
        uint256 chainId = TransferLib.chainIdOf(sender);
        _consumeIncoming(chainId, shared);
        if (shared >= delayThreshold) _delay(receiveId, chainId, from, to, shared);
        else {
            bytes calldata fromThere = TransferLib.fromOf(payload, sender.length);
            emit CrosschainFungibleTransferReceived(receiveId, fromThere, to, _toUnits(shared));
            _give(to, shared);
        }
    }

    /// @dev OpenZeppelin's links know one gateway a chain, for both ways. Here messages leave through the link's gateway
    /// (the Outbox) and arrive from the Inbox.
    function _isAuthorizedGateway(
        address instance,
        bytes calldata sender
    ) internal view virtual override returns (bool) {
        if (instance != INBOX || sender.length < 21) return false;
        // The link's key is the sender's chain: its ERC-7930 address up to the length of the account, with that length zero. Whatever
        // is found there, the sender is authorized by being equal to it.
        (, bytes memory counterpart) = getLink(abi.encodePacked(sender[:sender.length - 21], bytes1(0)));
        return sender.equal(counterpart);
    }

    /// @dev Takes the tokens of `from` out of circulation.
    /// @return taken The shared units that really came.
    function _take(address from, uint128 shared) internal virtual returns (uint128 taken) {
        _onSend(from, _toUnits(shared));
        taken = shared;
    }

    /// @dev Brings tokens into circulation, as `to`'s.
    function _give(address to, uint128 shared) internal virtual {
        _onReceive(to, _toUnits(shared));
    }

    /// @dev Whole shared units; what is left over is dust.
    function _toShared(uint256 amount) internal view returns (uint128) {
        uint256 shared = amount / SCALE;
        require(shared > 0, ZeroAmount());
        require(shared <= MOST, AmountTooLarge(shared, MOST));
        return uint128(shared); // at most MOST
    }

    function _toUnits(uint128 shared) internal view returns (uint256) {
        return shared * SCALE;
    }

    function _requireCode(address account) internal view {
        require(account.code.length > 0, AddressWithoutCode(account));
    }

    function _delay(bytes32 receiveId, uint256 chainId, address from, address to, uint128 shared) private {
        require(_pending[receiveId].releaseAt == 0, AlreadyPending(receiveId));
        // Timestamps stay below 2^40 for 34,000 years.
        uint40 releaseAt = uint40(block.timestamp) + DELAY;
        _pending[receiveId] = PendingTransfer({
            to: to,
            releaseAt: releaseAt,
            held: false,
            from: from,
            chainId: uint64(chainId), // that of a link, which the constructor bounds
            amount: shared
        });
        emit TransferDelayed(receiveId, to, _toUnits(shared), releaseAt);
    }

    function _setDelayThreshold(uint128 threshold) private {
        delayThreshold = threshold;
        emit DelayThresholdSet(threshold);
    }

    function _pendingAt(bytes32 receiveId) private view returns (PendingTransfer memory transfer) {
        transfer = _pending[receiveId];
        require(transfer.releaseAt != 0, NotPending(receiveId));
    }

    /// @dev Accepts one encoding an address only, and no zero address.
    function _tryParse(bytes memory encoded) private pure returns (bool parsed, uint256 chainId, address account) {
        (parsed, chainId, account) = InteroperableAddress.tryParseEvmV1(encoded);
        parsed = parsed && account != address(0) && encoded.equal(InteroperableAddress.formatEvmV1(chainId, account));
    }
}
