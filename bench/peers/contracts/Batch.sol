// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Calls one contract several times in a transaction
/// @notice What relayers do who have no batch of the bridge's own; as little as that can cost.
contract Batch {
    /// @notice Calls `target` with each of `calls`; reverts with the first that does.
    function run(address target, bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = target.call(calls[i]);
            if (!ok) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }
}
