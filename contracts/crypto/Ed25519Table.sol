// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who creates a table tells it what it is
interface ITableSource {
    /// @notice The code of the table that is being created.
    function pendingTable() external view returns (bytes memory);
}

/// @title The comb table of a key, as the code of a contract
/// @notice What `Ed25519TableCode.build` makes. The constructor takes no argument, so that the creation code, and with it the
/// address, is the same whatever the table.
/// @dev The table is computed by its creator's code, not here: the compiler optimizes a constructor for size, which costs
/// some 60,000 gas more.
contract Ed25519Table {
    constructor() {
        bytes memory code = ITableSource(msg.sender).pendingTable();
        assembly ("memory-safe") {
            return(add(code, 32), mload(code))
        }
    }
}
