// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payee} from "./EscrowTypes.sol";

/// @title A payee in one word
/// @dev From the highest bit: address 160, zero 80, share in basis points 16.
library PayeeLib {
    function account(Payee payee) internal pure returns (address) {
        return address(bytes20(Payee.unwrap(payee)));
    }

    /// @dev The zero bits in the middle are kept: {TermsLib} refuses a share above 10,000, and so whatever they hold.
    function share(Payee payee) internal pure returns (uint256) {
        return uint256(Payee.unwrap(payee)) & type(uint96).max;
    }
}
