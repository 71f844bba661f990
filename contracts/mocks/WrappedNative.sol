// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IWrappedNative} from "../bridge/interfaces/IWrappedNative.sol";

/// @title The native currency, wrapped
contract WrappedNative is ERC20, IWrappedNative {
    error WithdrawalRefused(address account);

    constructor() ERC20("Wrapped", "WRAP") {}

    function deposit() external payable {
        _mint(msg.sender, msg.value);
    }

    function withdraw(uint256 amount) external {
        _burn(msg.sender, amount);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = msg.sender.call{value: amount}("");
        require(success, WithdrawalRefused(msg.sender));
    }
}
