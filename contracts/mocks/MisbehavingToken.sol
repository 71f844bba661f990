// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Told of a token's transfers, as by ERC-777
interface ITransferHook {
    function onTransfer(address from, address to, uint256 amount) external;
}

/// @title A token that can be told to misbehave
contract MisbehavingToken is ERC20 {
    enum Mood {
        Good,
        TakesFee,
        ReturnsFalse,
        ReturnsNothing,
        RevertsOnZero,
        BurnsGas,
        ReturnBombs,
        Pretends,
        ChargesBoth,
        Inflates
    }

    Mood public mood;
    mapping(address account => bool) public blacklisted;
    mapping(address account => bool) public hooked;

    error Blacklisted(address account);
    error ZeroTransfer();

    constructor() ERC20("Misbehaving", "MIS") {
        _mint(msg.sender, 1e30);
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function setBlacklisted(address account, bool blacklisted_) external {
        blacklisted[account] = blacklisted_;
    }

    /// @notice The account's `onTransfer` is called before each transfer from it and after each transfer to it.
    function setHooked(address account, bool hooked_) external {
        hooked[account] = hooked_;
    }

    /// @notice Takes from an account what it holds, as a rebase downwards does.
    function rebaseDown(address account, uint256 amount) external {
        _burn(account, amount);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _misbehave(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        return _misbehave(from, to, amount);
    }

    function _misbehave(address from, address to, uint256 amount) private returns (bool) {
        Mood now_ = mood;
        require(!blacklisted[from], Blacklisted(from));
        require(!blacklisted[to], Blacklisted(to));
        if (now_ == Mood.RevertsOnZero) require(amount != 0, ZeroTransfer());
        if (now_ == Mood.ReturnsFalse) return false;
        if (now_ == Mood.Pretends) return true;
        if (now_ == Mood.BurnsGas) _burnGas();
        if (now_ == Mood.ReturnBombs) _returnBomb();
        if (hooked[from]) ITransferHook(from).onTransfer(from, to, amount);
        _transfer(from, to, amount);
        if (now_ == Mood.TakesFee || now_ == Mood.ChargesBoth) _burn(to, amount / 100);
        if (now_ == Mood.ChargesBoth) _burn(from, amount / 100);
        if (now_ == Mood.Inflates) _mint(to, amount / 100);
        if (hooked[to]) ITransferHook(to).onTransfer(from, to, amount);
        if (now_ == Mood.ReturnsNothing) _returnNothing();
        return true;
    }

    function _burnGas() private pure {
        // Ends with all the gas of the call gone.
        assembly ("memory-safe") {
            invalid()
        }
    }

    function _returnBomb() private pure {
        // Copying a megabyte costs whoever copies it more than it costs here.
        assembly {
            revert(0, 1000000)
        }
    }

    function _returnNothing() private pure {
        // Leaves the outer call without return data, like tokens older than the standard's final form.
        assembly ("memory-safe") {
            return(0, 0)
        }
    }
}
