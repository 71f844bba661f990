// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title One token's way to other chains
/// @notice `crosschainTransfer(to, amount)` takes the caller's tokens here and brings as many to `to`, an ERC-7930 address
/// that names the chain as well. Links to the other chains are fixed at deployment. Amounts are in the token's smallest unit,
/// which must be the same on both sides.
/// @dev Built on OpenZeppelin's crosschain contracts; the events are those of BridgeFungible.
interface ITokenBridge {
    /// @notice The amount was zero. Nothing was taken.
    error ZeroAmount();
    /// @notice The recipient's address is not of an EVM chain, or is zero. Nothing was taken.
    error InvalidTokenRecipient(bytes recipient);
    /// @notice Another amount than the one asked for arrived here (a fee on transfer). Nothing was taken.
    error BalanceDelta(uint256 actual, uint256 expected);
    /// @notice The token or the Inbox has no code. The bridge was not deployed.
    error AddressWithoutCode(address account);

    /// @notice The one contract from which messages are taken as coming from the linked bridges.
    function INBOX() external view returns (address);
}
