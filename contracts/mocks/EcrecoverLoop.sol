// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The plainest quorum of ECDSA signatures, as a measure for benchmarks
contract EcrecoverLoop {
    /// @notice Whether n signatures r ‖ s ‖ v (65 bytes each) of `hash` are by n `signers`, in their order.
    function verifyAll(
        bytes32 hash,
        address[] calldata signers,
        bytes calldata signatures
    ) external pure returns (bool) {
        for (uint256 i = 0; i < signers.length; ++i) {
            bytes calldata signature = signatures[65 * i:65 * (i + 1)];
            address signer = ecrecover(hash, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
            if (signer == address(0) || signer != signers[i]) return false;
        }
        return true;
    }
}
