// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ITransferHook} from "./MisbehavingToken.sol";

/// @title A contract account that can be told to misbehave when it is paid
/// @notice It is also an ERC-1271 wallet with an owner, and does whatever it is told, by anybody.
contract MisbehavingAccount is IERC1271, ITransferHook {
    enum Mood {
        Good,
        Rejects,
        BurnsGas,
        ReturnBombs,
        Calls
    }

    Mood public mood;
    address public owner;
    address public callee;
    bytes public callData;

    /// @notice What came of a call made while being paid.
    event Called(bool success, bytes result);

    error Rejected();

    constructor(address owner_) {
        owner = owner_;
    }

    receive() external payable {
        _react();
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    /// @notice What to call when paid in mood `Calls`.
    function setCall(address callee_, bytes calldata payload_) external {
        callee = callee_;
        callData = payload_;
    }

    /// @notice Calls as this account and bubbles what goes wrong.
    function execute(address to, uint256 value, bytes calldata payload) external payable returns (bytes memory) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = to.call{value: value}(payload);
        if (success) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    /// @inheritdoc ITransferHook
    function onTransfer(address, address, uint256) external {
        _react();
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address recovered, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return recovered == owner && recovered != address(0) ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    function _react() private {
        Mood now_ = mood;
        if (now_ == Mood.Rejects) revert Rejected();
        if (now_ == Mood.BurnsGas) {
            // Ends with all the gas of the call gone.
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (now_ == Mood.ReturnBombs) {
            // Copying a megabyte costs whoever copies it more than it costs here.
            assembly {
                revert(0, 1000000)
            }
        }
        if (now_ == Mood.Calls) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory result) = callee.call(callData);
            emit Called(success, result);
        }
    }
}
