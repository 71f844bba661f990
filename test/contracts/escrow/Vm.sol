// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the tests use of the cheatcodes
interface IVm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function deal(address account, uint256 balance) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
}

/// @dev Where the cheatcodes live: the last 20 bytes of keccak256("hevm cheat code").
IVm constant VM = IVm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
