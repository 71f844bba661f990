// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Calls to contracts that nobody vouches for
/// @notice The callee gets exactly the gas that was named, and can hand back no more than a bounded number of bytes.
library BoundedCall {
    /// @dev What is spent between reading `gasleft()` and the CALL itself: a cold account (2,600) and what surrounds it.
    uint256 private constant CALL_OVERHEAD = 5_000;

    /// @notice How much of `available` gas a call can be given: EIP-150 keeps one 64th back.
    function spendable(uint256 available) internal pure returns (uint256) {
        if (available <= CALL_OVERHEAD) return 0;
        unchecked {
            available -= CALL_OVERHEAD; // checked above
            return available - available / 64;
        }
    }

    /// @notice Calls `target` without value.
    /// @param gasLimit What the callee may spend. The caller checks {spendable} before, for the EVM would silently give less.
    /// @param mostReturned How many bytes of the answer are kept; the rest is never copied, whoever paid for it.
    /// @return success Whether the call came back without reverting; true for an account without code.
    /// @return returned The first bytes that the callee returned or reverted with.
    function tryCall(
        address target,
        bytes memory data,
        uint256 gasLimit,
        uint256 mostReturned
    ) internal returns (bool success, bytes memory returned) {
        // Memory-safe: `returned` is allocated at the free pointer, which is moved past its padded end.
        assembly ("memory-safe") {
            success := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, mostReturned) {
                size := mostReturned
            }
            returned := mload(0x40)
            mstore(returned, size)
            returndatacopy(add(returned, 0x20), 0, size)
            mstore(0x40, and(add(add(returned, 0x3f), size), not(0x1f)))
        }
    }
}
