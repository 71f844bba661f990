// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {BLS12381} from "./BLS12381.sol";
import {BLS12381KeySet} from "./BLS12381KeySet.sol";
import {IBLS12381KeySets} from "./interfaces/IBLS12381KeySets.sol";

/// @title Sets of BLS12-381 keys whose possession is proven
/// @notice See `IBLS12381KeySets`.
contract BLS12381KeySets is IBLS12381KeySets {
    bytes32 private constant PROOF_DOMAIN = keccak256("dchat BLS12-381 proof of possession v1");

    /// @inheritdoc IBLS12381KeySets
    mapping(bytes32 keyHash => bool) public isProven;

    /// @inheritdoc IBLS12381KeySets
    function prove(bytes calldata key, bytes calldata proof) external {
        bytes32 keyHash = keccak256(key);
        // The pairing in here also finds that the key is in the subgroup of prime order.
        bool valid = BLS12381.verify(BLS12381.POSSESSION_TAG, proofDigest(key), key, proof);
        if (!valid) revert InvalidProof(keyHash);
        isProven[keyHash] = true;
        emit KeyProven(keyHash);
    }

    /// @inheritdoc IBLS12381KeySets
    function createSet(bytes[] calldata keys) external returns (bytes32 id) {
        uint256 size = keys.length;
        uint256 max = BLS12381KeySet.MAX_MEMBERS;
        if (size == 0 || size > max) revert InvalidSize(size, max);
        _requireProvenAndDistinct(keys);
        bytes memory creationCode = BLS12381KeySet.creationCode(keys);
        id = keccak256(creationCode);
        if (setAddress(id).code.length != 0) return id;
        Create2.deploy(0, bytes32(0), creationCode);
        emit SetCreated(id, size);
    }

    /// @inheritdoc IBLS12381KeySets
    function proofDigest(bytes calldata key) public view returns (bytes32) {
        return keccak256(abi.encode(PROOF_DOMAIN, block.chainid, address(this), keccak256(key)));
    }

    /// @inheritdoc IBLS12381KeySets
    function setAddress(bytes32 id) public view returns (address) {
        return Create2.computeAddress(bytes32(0), id);
    }

    function _requireProvenAndDistinct(bytes[] calldata keys) private view {
        bytes32[] memory hashes = new bytes32[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 keyHash = keccak256(keys[i]);
            if (!isProven[keyHash]) revert KeyNotProven(keyHash);
            for (uint256 j = 0; j < i; ++j) {
                if (hashes[j] == keyHash) revert DuplicateKey(keyHash);
            }
            hashes[i] = keyHash;
        }
    }
}
