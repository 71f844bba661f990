// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {BLS12381} from "./BLS12381.sol";
import {BLS12381KeySet} from "./BLS12381KeySet.sol";
import {IBLS12381KeySets} from "./interfaces/IBLS12381KeySets.sol";
import {IBLS12381SetVerifier} from "./interfaces/IBLS12381SetVerifier.sol";
import {IKeyVerifier} from "./interfaces/IKeyVerifier.sol";

/// @title ERC-7913 verifier for quorums of a set of BLS12-381 keys
/// @notice See `IBLS12381SetVerifier`.
contract BLS12381SetVerifier is IBLS12381SetVerifier {
    IBLS12381KeySets private immutable KEY_SETS;

    /// @param keySets Where the sets are. Its proofs of possession are relied on.
    constructor(IBLS12381KeySets keySets) {
        KEY_SETS = keySets;
    }

    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return _isValid(key, hash, signature) ? IERC7913SignatureVerifier.verify.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc IKeyVerifier
    function isValidKey(bytes calldata key) external view returns (bool) {
        if (key.length != 33) return false;
        uint256 threshold = uint8(key[32]);
        return threshold != 0 && threshold <= sizeOf(bytes32(key));
    }

    /// @inheritdoc IBLS12381SetVerifier
    function sizeOf(bytes32 id) public view returns (uint256) {
        return BLS12381KeySet.sizeOf(_setAddress(id));
    }

    function _isValid(bytes calldata key, bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (key.length != 33 || signature.length != 32 + BLS12381.G1_BYTES) return false;
        address set = _setAddress(bytes32(key));
        uint256 size = BLS12381KeySet.sizeOf(set);
        uint256 bitmap = uint256(bytes32(signature));
        // A bit beyond the set would read zeros, the neutral element: it would count without signing.
        if (bitmap >> size != 0) return false;
        uint256 signers = _bits(bitmap);
        uint256 threshold = uint8(key[32]);
        if (threshold == 0 || signers < threshold) return false;
        bytes memory sum = BLS12381KeySet.sumOf(set, size, bitmap, signers);
        return BLS12381.verify(BLS12381.SIGNATURE_TAG, hash, sum, signature[32:]);
    }

    /// @dev What `KEY_SETS.setAddress` answers, without asking it: EIP-1014 with salt 0 and the id as the hash of the code.
    function _setAddress(bytes32 id) private view returns (address) {
        return Create2.computeAddress(bytes32(0), id, address(KEY_SETS));
    }

    /// @dev How many bits of `bitmap` are set: sums of neighbouring groups of 1, 2, 4, … bits.
    function _bits(uint256 bitmap) private pure returns (uint256 count) {
        unchecked {
            count = bitmap - ((bitmap >> 1) & (type(uint256).max / 3));
            count = (count & (type(uint256).max / 5)) + ((count >> 2) & (type(uint256).max / 5));
            count = (count + (count >> 4)) & (type(uint256).max / 17);
            // A set has at most 126 members, so that the sum of the 32 bytes fits the highest byte.
            count = (count * (type(uint256).max / 255)) >> 248;
        }
    }
}
