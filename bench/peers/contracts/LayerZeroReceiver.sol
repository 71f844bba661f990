// SPDX-License-Identifier: MIT
pragma solidity 0.8.22;

import {
    ILayerZeroReceiver,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroReceiver.sol";

/// @title Accepts every message and does nothing with it
contract LayerZeroReceiver is ILayerZeroReceiver {
    function allowInitializePath(Origin calldata) external pure returns (bool) {
        return true;
    }

    function nextNonce(uint32, bytes32) external pure returns (uint64) {
        return 0;
    }

    function lzReceive(Origin calldata, bytes32, bytes calldata, address, bytes calldata) external payable {}
}
