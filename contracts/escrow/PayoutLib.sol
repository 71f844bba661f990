// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEscrowErrors} from "./IEscrowErrors.sol";

/// @title Payments that fail without harming anybody
/// @dev The receiver gets a fixed amount of gas, its return data is not copied, and a failure is returned, not thrown.
library PayoutLib {
    /// @dev Gas for the receiver of native currency: enough for a proxied wallet, too little to hurt in a batch.
    uint256 internal constant NATIVE_GAS = 50_000;
    /// @dev Gas for a token's transfer, hooks included. A token that needs more is credited, and claimed without a cap.
    uint256 internal constant TOKEN_GAS = 150_000;
    /// @dev Most that a call costs its caller on top: a cold account (2,600), value (9,000), a new account (25,000),
    /// and the instructions around it.
    uint256 private constant CALL_OVERHEAD = 38_000;
    /// @dev As {requiredGas}.
    uint256 private constant NATIVE_REQUIRED = NATIVE_GAS + NATIVE_GAS / 63 + CALL_OVERHEAD;
    uint256 private constant TOKEN_REQUIRED = TOKEN_GAS + TOKEN_GAS / 63 + CALL_OVERHEAD;

    /// @dev Pays with a gas cap. Reverts if the sender left too little gas for the receiver to get all of it, so that
    /// nobody can force a credit by starving the call.
    /// @return paid Whether the money has gone; if not, it is still here.
    function push(address token, address to, uint256 amount) internal returns (bool paid) {
        if (token == address(0)) {
            _requireGas(NATIVE_REQUIRED);
            return _sendNative(to, amount, NATIVE_GAS);
        }
        _requireGas(TOKEN_REQUIRED);
        return _sendToken(token, to, amount, TOKEN_GAS);
    }

    /// @dev Pays with all the gas there is.
    function send(address token, address to, uint256 amount) internal returns (bool paid) {
        return token == address(0) ? _sendNative(to, amount, gasleft()) : _sendToken(token, to, amount, gasleft());
    }

    /// @dev EIP-150 forwards at most 63/64 of the gas that is left, so `cap` needs cap * 64 / 63.
    function requiredGas(uint256 cap) internal pure returns (uint256) {
        unchecked {
            // Caps are constants or a constant times at most 52.
            return cap + cap / 63 + CALL_OVERHEAD;
        }
    }

    function _requireGas(uint256 required) private view {
        uint256 left = gasleft();
        require(left >= required, IEscrowErrors.InsufficientGas(left, required));
    }

    function _sendNative(address to, uint256 amount, uint256 cap) private returns (bool paid) {
        // No return data is copied, whatever its size.
        assembly ("memory-safe") {
            paid := call(cap, to, amount, 0, 0, 0, 0)
        }
    }

    /// @dev Succeeds if the token returned true, or returned nothing and has code.
    function _sendToken(address token, address to, uint256 amount, uint256 cap) private returns (bool paid) {
        bytes4 selector = IERC20.transfer.selector;
        // The call's 68 bytes cover scratch space and the low half of the free memory pointer, which is put back.
        // One word of return data is copied, whatever its size.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0x00, selector)
            mstore(0x04, and(to, shr(96, not(0))))
            mstore(0x24, amount)
            paid := call(cap, token, 0, 0x00, 0x44, 0x00, 0x20)
            if iszero(and(paid, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1)))) {
                paid := and(paid, and(iszero(returndatasize()), gt(extcodesize(token), 0)))
            }
            mstore(0x40, free)
        }
    }
}
