// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "./EscrowTypes.sol";
import {IEscrow} from "./IEscrow.sol";
import {IEscrowErrors} from "./IEscrowErrors.sol";
import {PayoutLib} from "./PayoutLib.sol";
import {TermsLib} from "./TermsLib.sol";

/// @title An item of a batch, in a call of its own
/// @dev The call has a gas cap, so that an item can neither fail the batch nor eat the gas of the items after it.
library BatchLib {
    using TermsLib for Terms;

    /// @dev Gas of an item on top of its payments: reading, hashing and writing, with room to spare.
    uint256 internal constant ITEM_GAS = 100_000;
    /// @dev Gas of one payment at worst: the capped call, what {PayoutLib} wants to be left, and a new credit.
    uint256 internal constant PAYMENT_GAS = 220_000;
    /// @dev The buyer and the caller may be paid besides the payees.
    uint256 internal constant OTHER_PAYMENTS = 2;

    /// @dev Calls {IEscrow-expireFromBatch}. Reverts if too little gas is left for the item to get all of its cap.
    /// @return expired Whether the item has expired.
    function tryExpire(Terms calldata terms, address pusher) internal returns (bool expired) {
        uint256 length = terms.size();
        uint256 cap;
        // At most 52 payments.
        unchecked {
            cap = ITEM_GAS + (terms.payeesOf().length + OTHER_PAYMENTS) * PAYMENT_GAS;
        }
        uint256 required = PayoutLib.requiredGas(cap);
        require(gasleft() >= required, IEscrowErrors.InsufficientGas(gasleft(), required));
        bytes4 selector = IEscrow.expireFromBatch.selector;
        // abi.encodeCall(expireFromBatch, (pusher, terms)) past the free memory pointer, which stays where it is: the terms
        // are canonical, so they are copied as they were sent. No return data is copied.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, selector)
            mstore(add(ptr, 0x04), and(pusher, shr(96, not(0))))
            mstore(add(ptr, 0x24), 0x40)
            calldatacopy(add(ptr, 0x44), terms, length)
            expired := call(cap, address(), 0, ptr, add(length, 0x44), 0, 0)
        }
    }
}
