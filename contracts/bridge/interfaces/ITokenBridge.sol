// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Limits} from "./ITokenLimits.sol";

/// @notice What a token bridge is deployed with, besides its token and its links.
/// @param inbox The Inbox of this chain.
/// @param governance A timelock, with a delay shorter than {ITokenBridge-HOLD}, or it cannot act on what the guardian holds.
/// @param guardian May pause, and hold single transfers; zero is nobody.
/// @param sharedDecimals See {ITokenBridge-SHARED_DECIMALS}.
/// @param delayThreshold See {ITokenBridge-delayThreshold}.
/// @param limits See {ITokenLimits}.
struct TokenBridgeConfig {
    address inbox;
    address governance;
    address guardian;
    uint8 sharedDecimals;
    uint128 delayThreshold;
    Limits limits;
}

/// @notice A transfer that arrived and waits to be paid. Three slots: large transfers are rare, and with the whole record on the chain
/// anybody can release one, and a wallet can show it, with nothing but its id.
/// @param to Who will be paid here.
/// @param releaseAt From when on {ITokenBridge-release} pays (Unix seconds); 0 where nothing waits.
/// @param held Whether the guardian has postponed it.
/// @param from Who sent it, on the chain where it comes from.
/// @param chainId That chain.
/// @param amount In shared units.
struct PendingTransfer {
    address to;
    uint40 releaseAt;
    bool held;
    address from;
    uint64 chainId;
    uint128 amount;
}

/// @title One token's way to other chains
/// @notice `crosschainTransfer(to, amount)` takes the caller's tokens here and brings as many to `to`, an ERC-7930 address
/// that names the chain as well. Links to the other chains are fixed at deployment.
///
/// Amounts in calls and events are in the smallest unit of the token on this chain. Between chains, in limits and in the threshold of
/// the delay they are in *shared units*, of which {SCALE} of this chain's units make one. Only whole shared units cross; the rest, the
/// dust, stays with the sender or returns to it.
///
/// Nobody can mint, unlock or withdraw but by a message of a linked bridge through the Inbox. The guardian can only stop and postpone,
/// each for a bounded time. Governance sets limits, can strike out a forged transfer while it waits ({reject}), or send it back to its
/// sender ({returnToSender}), and can send it to nobody else.
/// @dev Built on OpenZeppelin's crosschain contracts. BridgeFungible's `CrosschainFungibleTransferSent` carries the amount really
/// sent, which is less than asked for by the dust and by a fee on transfer. Its `CrosschainFungibleTransferReceived` means *paid*: a transfer that
/// waits says {TransferDelayed} first. Where a message cannot be executed (paused, above a limit, recipient refused by the token), the call
/// reverts, and the Inbox keeps it for anybody to retry.
interface ITokenBridge {
    /// @notice A transfer of at least {delayThreshold} arrived; anybody can {release} it at `releaseAt` (Unix seconds).
    event TransferDelayed(bytes32 indexed receiveId, address indexed to, uint256 amount, uint40 releaseAt);
    /// @notice The guardian postponed a transfer to `releaseAt` (Unix seconds); it cannot do so again.
    event TransferHeld(bytes32 indexed receiveId, uint40 releaseAt);
    /// @notice Governance struck out a forged transfer: it will never be paid. What it claimed stays locked where the token is at home.
    event TransferRejected(bytes32 indexed receiveId, address indexed to, uint256 amount);
    /// @notice Governance sent a transfer back: `sendId` brings the amount to `sender`, the account that had sent it.
    /// `CrosschainFungibleTransferSent` names as its sender the account that should have been paid here.
    event TransferReturned(bytes32 indexed receiveId, bytes32 indexed sendId, bytes sender, uint256 amount);
    /// @notice Transfers of at least `threshold` shared units wait from now on.
    event DelayThresholdSet(uint128 threshold);

    /// @notice The token, the Inbox or the wrapper has no code. The bridge was not deployed.
    error AddressWithoutCode(address account);
    /// @notice The token has fewer decimals than are shared, or more than 77 more. The bridge was not deployed.
    error DecimalsOutOfRange(uint256 decimals, uint256 sharedDecimals);
    /// @notice A link's counterpart is no canonical ERC-7930 address of an EVM account, or its chain id has more than 64 bits. The
    /// bridge was not deployed.
    error InvalidCounterpart(bytes counterpart);
    /// @notice The amount, without its dust, was zero. Nothing was taken.
    error ZeroAmount();
    /// @notice More shared units than a transfer may have. Nothing was taken or paid.
    error AmountTooLarge(uint256 amount, uint256 most);
    /// @notice The recipient is no canonical ERC-7930 address of an EVM account, or is zero, or is the bridge itself. Nothing was taken
    /// or paid.
    error InvalidTokenRecipient(bytes recipient);
    /// @notice No bridge of this token is linked on `chainId`. Nothing was taken.
    error ChainNotLinked(uint256 chainId);
    /// @notice The bridge's balance moved by something else than was asked for. Nothing was taken or paid.
    error BalanceDelta(uint256 actual, uint256 expected);
    /// @notice No transfer waits under this id: it was paid, rejected or returned, or never came.
    error NotPending(bytes32 receiveId);
    /// @notice A transfer waits under this id already. Nothing was changed.
    error AlreadyPending(bytes32 receiveId);
    /// @notice The transfer waits until `releaseAt` (Unix seconds). Nothing was paid; try again then.
    error NotReleasable(uint40 releaseAt);
    /// @notice The guardian has held this transfer before. Nothing was changed.
    error AlreadyHeld(bytes32 receiveId);

    /// @notice How long a large transfer waits, in seconds.
    function DELAY() external view returns (uint40);

    /// @notice By how much the guardian can postpone a transfer, once, in seconds.
    function HOLD() external view returns (uint40);

    /// @notice The one contract from which messages are taken as coming from the linked bridges.
    function INBOX() external view returns (address);

    /// @notice The decimals of amounts between the chains. All linked bridges of a token must be deployed with the same value, for none
    /// can ask another; with different ones a transfer would change its value on the way. At most the token's decimals on every chain.
    function SHARED_DECIMALS() external view returns (uint8);

    /// @notice How many of this chain's smallest units make one shared unit.
    function SCALE() external view returns (uint256);

    /// @notice From how many shared units on an incoming transfer waits.
    function delayThreshold() external view returns (uint128);

    /// @notice The transfer that waits under `receiveId`; all zero where none does.
    function pending(bytes32 receiveId) external view returns (PendingTransfer memory);

    /// @notice Pays a transfer whose time has come. Anybody may call it.
    function release(bytes32 receiveId) external;

    /// @notice Postpones a waiting transfer by {HOLD}, once. Only the guardian.
    function hold(bytes32 receiveId) external;

    /// @notice Strikes out a waiting transfer that no sender made. Only governance.
    function reject(bytes32 receiveId) external;

    /// @notice Sends a waiting transfer back to the account that sent it, on the chain where it did. Only governance, and only what was
    /// really sent: to return a forged transfer would pay for nothing, {reject} it. Needs room in the outgoing limits; a large
    /// transfer waits there as well.
    /// @return sendId The id of the message that carries it.
    function returnToSender(bytes32 receiveId) external returns (bytes32 sendId);

    /// @notice Sets from how many shared units on incoming transfers wait. Only governance.
    function setDelayThreshold(uint128 threshold) external;
}
