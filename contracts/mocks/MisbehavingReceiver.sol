// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";

/// @title Refuses, in every way there is, until it is told to accept
contract MisbehavingReceiver is IERC7786Recipient {
    enum Mode {
        Accept,
        Revert,
        BurnGas,
        RevertWithBomb,
        ReturnBomb,
        WrongMagic,
        Reenter
    }

    Mode public mode;
    uint256 public count;
    bytes private _reentry;

    error Refused(string why);

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// @notice What to call the Inbox back with in {Mode-Reenter}.
    function setReentry(bytes calldata data) external {
        _reentry = data;
    }

    function receiveMessage(bytes32, bytes calldata, bytes calldata) external payable returns (bytes4) {
        if (mode == Mode.Revert) revert Refused("not today");
        if (mode == Mode.WrongMagic) return 0xdeadbeef;
        if (mode == Mode.BurnGas) while (true) ++count;
        if (mode == Mode.RevertWithBomb)
            assembly {
                revert(0, 100000)
            }
        if (mode == Mode.ReturnBomb)
            assembly {
                return(0, 100000)
            }
        if (mode == Mode.Reenter) {
            // It passes on whatever it was given:
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory reason) = msg.sender.call(_reentry);
            if (!success)
                assembly {
                    revert(add(reason, 0x20), mload(reason))
                }
        }
        ++count;
        return IERC7786Recipient.receiveMessage.selector;
    }
}
