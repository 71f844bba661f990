// SPDX-License-Identifier: MIT
pragma solidity 0.8.33;

import {Mailbox} from "hyperlane/contracts/Mailbox.sol";
import {MerkleTreeHook} from "hyperlane/contracts/hooks/MerkleTreeHook.sol";
import {IMessageRecipient} from "hyperlane/contracts/interfaces/IMessageRecipient.sol";
import {StaticMessageIdMultisigIsmFactory} from "hyperlane/contracts/isms/multisig/StaticMultisigIsm.sol";
import {TestPostDispatchHook} from "hyperlane/contracts/test/TestPostDispatchHook.sol";

// Hyperlane's package does not let Hardhat compile its files by their names; what inherits and adds nothing is the same code.

/// @title Hyperlane's Mailbox
contract HyperlaneMailbox is Mailbox {
    constructor(uint32 localDomain_) Mailbox(localDomain_) {}
}

/// @title Hyperlane's tree of sent messages
contract HyperlaneTree is MerkleTreeHook {
    constructor(address mailbox_) MerkleTreeHook(mailbox_) {}
}

/// @title Hyperlane's factory of security modules that want some of several signatures
contract HyperlaneModules is StaticMessageIdMultisigIsmFactory {}

/// @title A hook that does nothing
contract HyperlaneIdleHook is TestPostDispatchHook {}

/// @title Accepts every message and does nothing with it
/// @notice Names no security module of its own, so that the Mailbox takes its default one.
contract HyperlaneReceiver is IMessageRecipient {
    function handle(uint32, bytes32, bytes calldata) external payable {}
}
