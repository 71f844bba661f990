// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Bridgeable} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC20Bridgeable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A token as it exists away from home
/// @notice An ERC-7802 token that one bridge, named at deployment and for good, mints and burns.
contract BridgedToken is ERC20Permit, ERC20Bridgeable {
    /// @notice The one account that may mint and burn.
    address public immutable BRIDGE;

    /// @dev May differ from those of the token at home, but not be fewer than the bridges share.
    uint8 private immutable DECIMALS;

    /// @notice Somebody other than the bridge tried to mint or burn.
    error NotTheBridge(address caller, address bridge);

    constructor(
        string memory name,
        string memory symbol,
        uint8 decimals_,
        address bridge
    ) ERC20(name, symbol) ERC20Permit(name) {
        DECIMALS = decimals_;
        BRIDGE = bridge;
    }

    /// @notice How many digits of an amount stand behind the point when it is shown.
    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function _checkTokenBridge(address caller) internal view override {
        require(caller == BRIDGE, NotTheBridge(caller, BRIDGE));
    }
}
