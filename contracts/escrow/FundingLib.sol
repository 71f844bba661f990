// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {EscrowId, Permit, Terms} from "./EscrowTypes.sol";
import {IERC3009Bytes} from "./IERC3009Bytes.sol";
import {IEscrowErrors} from "./IEscrowErrors.sol";

/// @title Ways for the buyer's money to come in
/// @dev Every way ends with the same check: the contract holds exactly the amount more than before.
library FundingLib {
    using SafeERC20 for IERC20;

    /// @dev By the value sent along, or by the buyer's allowance.
    function pull(Terms calldata terms) internal {
        address token = terms.token;
        uint256 amount = terms.amount;
        if (token == address(0)) {
            require(msg.value == amount, IEscrowErrors.WrongValue(msg.value, amount));
            return;
        }
        require(msg.value == 0, IEscrowErrors.WrongValue(msg.value, 0));
        uint256 before = _balance(token);
        IERC20(token).safeTransferFrom(terms.buyer, address(this), amount);
        _requireReceived(token, before, amount);
    }

    /// @dev Uses a permit. One that somebody else has used before is as good: the allowance is there, and if it is not,
    /// pulling fails.
    function usePermit(Terms calldata terms, Permit calldata permit) internal {
        if (permit.deadline == 0) return;
        require(terms.token.code.length != 0, IEscrowErrors.TokenWithoutCode(terms.token));
        try
            IERC20Permit(terms.token).permit(
                terms.buyer,
                address(this),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {}
    }

    /// @dev By an ERC-3009 authorization whose nonce is the id, so that it is good for these terms only. A signature of
    /// 65 bytes is tried as (v, r, s), which every such token takes; then, and for wallets, as bytes.
    function receiveAuthorized(
        Terms calldata terms,
        EscrowId id,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) internal {
        uint256 before = _balance(terms.token);
        if (signature.length != 65 || !_tryReceive(terms, id, validAfter, validBefore, signature)) {
            IERC3009Bytes(terms.token).receiveWithAuthorization(
                terms.buyer,
                address(this),
                terms.amount,
                validAfter,
                validBefore,
                EscrowId.unwrap(id),
                signature
            );
        }
        _requireReceived(terms.token, before, terms.amount);
    }

    function _tryReceive(
        Terms calldata terms,
        EscrowId id,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) private returns (bool) {
        try
            IERC3009(terms.token).receiveWithAuthorization(
                terms.buyer,
                address(this),
                terms.amount,
                validAfter,
                validBefore,
                EscrowId.unwrap(id),
                uint8(signature[64]),
                bytes32(signature[:32]),
                bytes32(signature[32:64])
            )
        {
            return true;
        } catch {
            return false;
        }
    }

    function _balance(address token) private view returns (uint256) {
        require(token.code.length != 0, IEscrowErrors.TokenWithoutCode(token));
        return IERC20(token).balanceOf(address(this));
    }

    /// @dev Refuses tokens that take a fee, and tokens that pretend.
    function _requireReceived(address token, uint256 before, uint256 amount) private view {
        uint256 afterwards = IERC20(token).balanceOf(address(this));
        uint256 received = afterwards > before ? afterwards - before : 0;
        require(received == amount, IEscrowErrors.WrongReceived(token, received, amount));
    }
}
