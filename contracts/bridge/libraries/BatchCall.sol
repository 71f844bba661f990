// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEd25519BatchVerifier} from "../../crypto/interfaces/IEd25519BatchVerifier.sol";

/// @title The call that checks all signatures of a quorum at once
library BatchCall {
    /// @notice verifier.verifyAll(digest, the keys of `signers`, signature), written straight from calldata into the call.
    /// @param verifier Has code: a call to nobody would answer nothing, which is no.
    /// @param signers Bit i is `members[i]`; has `count` bits, and none at or beyond `members.length`.
    function verifyAll(
        IEd25519BatchVerifier verifier,
        bytes32 digest,
        bytes32[] calldata members,
        uint256 signers,
        uint256 count,
        bytes calldata signature
    ) internal view returns (bool valid) {
        bytes4 selector = IEd25519BatchVerifier.verifyAll.selector;
        // Memory-safe: writes behind the free memory pointer only. The signatures' length is a multiple of 96, so nothing is
        // padded. The keys copied lie in `members`, see the bound of `signers`. The answer counts if it is 32 bytes, the last of them 1.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 0x04), digest)
            mstore(add(data, 0x24), 0x60)
            let length := shl(5, count)
            mstore(add(data, 0x44), add(0x80, length))
            mstore(add(data, 0x64), length)
            let to := add(data, 0x84)
            for {
                let place := members.offset
            } signers {
                place := add(place, 0x20)
                signers := shr(1, signers)
            } {
                if and(signers, 1) {
                    mstore(to, calldataload(place))
                    to := add(to, 0x20)
                }
            }
            mstore(to, signature.length)
            to := add(to, 0x20)
            calldatacopy(to, signature.offset, signature.length)
            to := add(to, signature.length)
            let success := staticcall(gas(), verifier, data, sub(to, data), 0x00, 0x20)
            valid := and(and(success, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }
}
