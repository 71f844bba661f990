// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowId, Payee, Terms} from "./EscrowTypes.sol";
import {IEscrow} from "./IEscrow.sol";
import {PayoutLib} from "./PayoutLib.sol";
import {TermsLib} from "./TermsLib.sol";
import {WindowLib} from "./WindowLib.sol";

/// @title Payments: pushed, and credited when they fail
/// @dev Everything here comes after the state has been written.
abstract contract EscrowPayments is IEscrow {
    using TermsLib for Terms;

    /// @inheritdoc IEscrow
    mapping(address token => mapping(address account => uint256 amount)) public claimable;

    /// @dev Splits an amount among the payees by their shares, rounded down; the last one gets what is left, so that the
    /// parts add up to the amount.
    function _payPayees(EscrowId id, Terms calldata terms, uint256 amount) internal {
        if (amount == 0) return;
        address token = terms.token;
        Payee[] calldata payees = terms.payeesOf();
        uint256 last = payees.length - 1;
        uint256 left = amount;
        for (uint256 i = 0; i < last; ++i) {
            Payee payee = payees[i];
            uint256 part = WindowLib.portion(amount, payee.share());
            // The shares add up to a whole and each part is rounded down, so the parts never exceed the amount.
            unchecked {
                left -= part;
            }
            _pay(id, token, payee.account(), part);
        }
        _pay(id, token, payees[last].account(), left);
    }

    /// @dev Pays, or credits if that fails. Zero is not sent: some tokens refuse it.
    function _pay(EscrowId id, address token, address to, uint256 amount) internal {
        if (amount == 0 || PayoutLib.push(token, to, amount)) return;
        claimable[token][to] += amount;
        emit Credited(id, token, to, amount);
    }

    /// @dev Pays all of an account's credit to `to`, without a gas cap: nobody else waits for it.
    function _claim(address account, address token, address to) internal {
        uint256 amount = claimable[token][account];
        require(amount != 0, NothingToClaim(token, account));
        require(to != address(0) && to != address(this) && to != token, InvalidAccount(to));
        claimable[token][account] = 0;
        emit Claimed(token, account, to, amount);
        require(PayoutLib.send(token, to, amount), ClaimFailed(token, to, amount));
    }
}
