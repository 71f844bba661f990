// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-3009 with a signature of any length
/// @notice The overload by which tokens let ERC-1271 wallets authorise a transfer.
interface IERC3009Bytes {
    /// @notice Receives a transfer that `from` has authorised. `to` must be the caller.
    /// @param value In the token's smallest unit.
    /// @param validAfter Unix second after which the authorization is good.
    /// @param validBefore Unix second before which it is good.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
