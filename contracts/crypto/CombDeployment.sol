// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEd25519KeyRegistry} from "./interfaces/IEd25519KeyRegistry.sol";

/// @title Deployment of generated code from within a constructor
library CombDeployment {
    /// @notice Ends the constructor that calls it: the contract's code becomes `code` with its holes filled in.
    /// @param registryHoles Where the 20 bytes of the registry's address go: positions of 16 bits, ended by 0.
    /// @param tableCodeHoles Where the 32 bytes of the hash of the tables' creation code go, likewise.
    function deploy(
        bytes memory code,
        uint256 registryHoles,
        uint256 tableCodeHoles,
        IEd25519KeyRegistry registry
    ) internal view {
        bytes32 tableCode = registry.tableCodeHash();
        for (; registryHoles != 0; registryHoles >>= 16) {
            uint256 hole = registryHoles & 0xffff;
            assembly ("memory-safe") {
                // The hole is 20 bytes of zeros in the code: keep the 12 bytes behind them.
                let place := add(add(code, 32), hole)
                mstore(place, or(mload(place), shl(96, registry)))
            }
        }
        for (; tableCodeHoles != 0; tableCodeHoles >>= 16) {
            uint256 hole = tableCodeHoles & 0xffff;
            assembly ("memory-safe") {
                mstore(add(add(code, 32), hole), tableCode)
            }
        }
        assembly ("memory-safe") {
            return(add(code, 32), mload(code))
        }
    }
}
