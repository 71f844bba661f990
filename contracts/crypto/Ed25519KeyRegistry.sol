// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {Ed25519} from "./Ed25519.sol";
import {Ed25519Table, ITableSource} from "./Ed25519Table.sol";
import {Ed25519TableCode} from "./Ed25519TableCode.sol";
import {IEd25519KeyRegistry} from "./interfaces/IEd25519KeyRegistry.sol";

/// @title Registry of Ed25519 keys whose multiples are worked out in advance
/// @notice See `IEd25519KeyRegistry`.
contract Ed25519KeyRegistry is IEd25519KeyRegistry, ITableSource {
    bytes32 private constant PROOF_DOMAIN = keccak256("dchat Ed25519 proof of possession v1");

    bytes32 private immutable TABLE_CODE_HASH = keccak256(type(Ed25519Table).creationCode);

    /// @dev The key whose table is being created.
    bytes32 private transient _pendingKey;

    /// @inheritdoc IEd25519KeyRegistry
    function register(bytes32 publicKey, bytes calldata proof) external returns (address table) {
        address expected = tableAddress(publicKey);
        if (expected.code.length != 0) revert AlreadyRegistered(publicKey, expected);
        // Creating the table refuses bad keys, so that InvalidProof means what it says. Nothing is called but the table's
        // constructor, which calls nothing but `pendingTable`.
        _pendingKey = publicKey;
        table = address(new Ed25519Table{salt: publicKey}());
        emit KeyRegistered(publicKey, table);
        if (!Ed25519.verify(abi.encodePacked(proofDigest(publicKey)), proof, publicKey)) revert InvalidProof(publicKey);
    }

    /// @inheritdoc ITableSource
    function pendingTable() external view returns (bytes memory) {
        return Ed25519TableCode.build(_pendingKey);
    }

    /// @inheritdoc IEd25519KeyRegistry
    function tableCodeHash() external view returns (bytes32) {
        return TABLE_CODE_HASH;
    }

    /// @inheritdoc IEd25519KeyRegistry
    function isRegistered(bytes32 publicKey) external view returns (bool) {
        return tableAddress(publicKey).code.length != 0;
    }

    /// @inheritdoc IEd25519KeyRegistry
    function proofDigest(bytes32 publicKey) public view returns (bytes32) {
        return keccak256(abi.encode(PROOF_DOMAIN, block.chainid, address(this), publicKey));
    }

    /// @inheritdoc IEd25519KeyRegistry
    function tableAddress(bytes32 publicKey) public view returns (address) {
        return Create2.computeAddress(publicKey, TABLE_CODE_HASH);
    }
}
