// SPDX-License-Identifier: MIT
pragma solidity 0.8.22;

import {ILayerZeroDVN} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/uln/interfaces/ILayerZeroDVN.sol";
import {ILayerZeroExecutor} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/interfaces/ILayerZeroExecutor.sol";
import {ILayerZeroTreasury} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/interfaces/ILayerZeroTreasury.sol";

/// @title A verifier, an executor and a treasury that want no fee
/// @notice Real ones work out a price in a contract of their own, which costs gas that is left out here.
contract FreeWorker is ILayerZeroDVN, ILayerZeroExecutor, ILayerZeroTreasury {
    function assignJob(AssignJobParam calldata, bytes calldata) external payable returns (uint256) {
        return 0;
    }

    function assignJob(uint32, address, uint256, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    function getFee(uint32, uint64, address, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    function getFee(uint32, address, uint256, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    function getFee(address, uint32, uint256, bool) external pure returns (uint256) {
        return 0;
    }

    function payFee(address, uint32, uint256, bool) external payable returns (uint256) {
        return 0;
    }
}
