// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {BridgeFungible} from "@openzeppelin/contracts/crosschain/bridges/abstract/BridgeFungible.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {ITokenBridge} from "./interfaces/ITokenBridge.sol";

/// @title What both sides of a token's bridge share
/// @notice See {ITokenBridge}.
abstract contract TokenBridge is ITokenBridge, BridgeFungible {
    using Bytes for bytes;

    /// @inheritdoc ITokenBridge
    address public immutable INBOX;

    /// @param inbox The Inbox of this chain.
    /// @param links The other sides: the Outbox of this chain and the counterpart's ERC-7930 address.
    constructor(address inbox, Link[] memory links) CrosschainLinked(links) {
        _requireCode(inbox);
        INBOX = inbox;
    }

    /// @dev OpenZeppelin's links know one gateway a chain, for both ways. Here messages leave through the link's gateway
    /// (the Outbox) and arrive from the Inbox.
    function _isAuthorizedGateway(
        address instance,
        bytes calldata sender
    ) internal view virtual override returns (bool) {
        if (instance != INBOX) return false;
        (bytes2 chainType, bytes calldata chainReference, ) = InteroperableAddress.parseV1Calldata(sender);
        (, bytes memory counterpart) = getLink(InteroperableAddress.formatV1(chainType, chainReference, ""));
        return sender.equal(counterpart);
    }

    /// @dev Refuses at the origin what could only fail, or lose the tokens, at the destination.
    function _crosschainTransfer(
        address from,
        bytes memory to,
        uint256 amount
    ) internal virtual override returns (bytes32) {
        require(amount > 0, ZeroAmount());
        (bool parsed, , address account) = InteroperableAddress.tryParseEvmV1(to);
        require(parsed && account != address(0), InvalidTokenRecipient(to));
        return super._crosschainTransfer(from, to, amount);
    }

    function _requireCode(address account) internal view {
        require(account.code.length > 0, AddressWithoutCode(account));
    }
}
