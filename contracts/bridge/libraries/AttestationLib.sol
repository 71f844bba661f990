// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LaneId} from "../types/Message.sol";

/// @title What a validator signs
/// @notice The TypeScript equal is `relayer/domain/attestation.ts`; a test holds the two to the same bytes.
library AttestationLib {
    /// @dev Separates the places where an attestation can be used. The version is the "/1".
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256("dchat.Domain/1(uint256 chainId,address inbox)");

    /// @dev Separates attestations from everything else that a validator might sign.
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "dchat.Attestation/1(bytes32 domain,bytes32 lane,uint64 nonce,bytes32 accumulator,uint64 epoch)"
    );

    /// @notice The domain of the attestations that `inbox` on `chainId` accepts.
    function domain(uint256 chainId, address inbox) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, chainId, inbox));
    }

    /// @notice The 32 bytes that are signed: "in `epoch` I saw that `lane` has `accumulator` after message `nonce`, for good".
    function digest(
        bytes32 domain_,
        LaneId lane,
        uint64 nonce,
        bytes32 accumulator,
        uint64 epoch
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, domain_, lane, nonce, accumulator, epoch));
    }
}
