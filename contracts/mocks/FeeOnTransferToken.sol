// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DemoToken} from "./DemoToken.sol";

/// @title A token that keeps one percent of every transfer
contract FeeOnTransferToken is DemoToken {
    constructor(uint256 supply) DemoToken("Fee", "FEE", supply) {}

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0) && to != address(0)) {
            super._update(from, address(0), value / 100);
            value -= value / 100;
        }
        super._update(from, to, value);
    }
}
