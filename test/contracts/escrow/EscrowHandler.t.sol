// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../../contracts/escrow/IEscrow.sol";
import {EscrowId, EscrowView, Milestone, Payee, Rules, State, Terms} from "../../../contracts/escrow/EscrowTypes.sol";
import {MisbehavingAccount} from "../../../contracts/mocks/MisbehavingAccount.sol";
import {MisbehavingToken} from "../../../contracts/mocks/MisbehavingToken.sol";
import {VM} from "./Vm.sol";

/// @title Random users of one escrow contract, and what they should see
/// @dev Each function is one move; none ever reverts. The ghost store keeps, for each escrow, its terms, what the contract
/// has paid or credited for it, and its state once that is final.
contract EscrowHandler {
    IEscrow public escrow;
    address public constant BUYER = address(0xB0B);
    address public constant SELLER = address(0x5E11);
    address public constant ARBITER = address(0xA4B);
    address public constant KEEPER = address(0xCEE9);

    MisbehavingAccount public payee;
    address[3] public tokens;
    EscrowId[] public ids;
    mapping(EscrowId id => uint256 amount) public paid;
    mapping(EscrowId id => bytes32 tombstone) public tombstones;
    uint256 public moves;
    mapping(EscrowId id => Terms terms) private _terms;

    error DeploymentFailed(string name);

    constructor() {
        escrow = IEscrow(_deploy("Escrow", ""));
        payee = MisbehavingAccount(payable(_deploy("MisbehavingAccount", abi.encode(address(this)))));
        tokens[1] = _deploy("MisbehavingToken", "");
        tokens[2] = _deploy("MisbehavingToken", "");
        for (uint256 i = 1; i < 3; ++i) {
            MisbehavingToken(tokens[i]).transfer(BUYER, 1e29);
            VM.prank(BUYER);
            MisbehavingToken(tokens[i]).approve(address(escrow), type(uint256).max);
        }
        VM.deal(BUYER, 1e30);
    }

    // Moves

    function create(uint256 seed, uint96 amount, uint8 parts, bool silencePaysBuyer) external {
        _behave();
        Terms memory terms = _makeTerms(seed, amount, parts, silencePaysBuyer);
        VM.prank(BUYER);
        try escrow.create{value: terms.token == address(0) ? terms.amount : 0}(terms) returns (EscrowId id) {
            _terms[id] = terms;
            ids.push(id);
            ++moves;
        } catch {}
    }

    function deliver(uint256 which) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        VM.prank(SELLER);
        try escrow.deliver(_terms[id]) {
            ++moves;
        } catch {}
    }

    function dispute(uint256 which, bool bySeller) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        VM.prank(bySeller ? SELLER : BUYER);
        try escrow.fileDispute(_terms[id]) {
            ++moves;
        } catch {}
    }

    function release(uint256 which, uint256 amount, bool whole) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        uint256 before = _held(id);
        VM.prank(BUYER);
        if (whole) try escrow.release(_terms[id]) {} catch {}
        else try escrow.releasePartial(_terms[id], _part(id, amount)) {} catch {}
        _settle(id, before);
    }

    function refund(uint256 which, uint256 amount, bool whole) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        uint256 before = _held(id);
        VM.prank(SELLER);
        if (whole && amount % 4 == 0) try escrow.refund(_terms[id]) {} catch {}
        else try escrow.refundPartial(_terms[id], _part(id, amount)) {} catch {}
        _settle(id, before);
    }

    function resolve(uint256 which, uint256 toBuyer) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        uint256 before = _held(id);
        VM.prank(ARBITER);
        try escrow.resolve(_terms[id], _part(id, toBuyer)) {} catch {}
        _settle(id, before);
    }

    function expire(uint256 which, bool inBatch) external {
        if (ids.length == 0) return;
        EscrowId id = _pick(which);
        uint256 before = _held(id);
        VM.prank(KEEPER);
        if (inBatch) {
            Terms[] memory batch = new Terms[](2);
            (batch[0], batch[1]) = (_terms[id], _terms[id]);
            try escrow.processExpirations(batch) {} catch {}
        } else {
            try escrow.expire(_terms[id]) {} catch {}
        }
        _settle(id, before);
    }

    function claim(uint256 token, uint256 who) external {
        address account = accountAt(who % 5);
        address to = address(uint160(0xC1A1));
        VM.prank(account);
        try escrow.claim(tokens[token % 3], to) {
            ++moves;
        } catch {}
    }

    function warp(uint256 which, uint256 offset) external {
        if (ids.length == 0) return;
        uint256 due = escrow.dueAt(_terms[_pick(which)]);
        uint256 wanted = due + (offset % 3) - 1;
        if (due != 0 && wanted > block.timestamp) VM.warp(wanted);
    }

    /// @dev Tokens and the contract payee misbehave until somebody creates.
    function misbehave(uint256 mood) external {
        MisbehavingToken(tokens[1]).setMood(MisbehavingToken.Mood(mood % 7));
        payee.setMood(MisbehavingAccount.Mood(mood % 4));
    }

    // What there is to see

    function count() external view returns (uint256) {
        return ids.length;
    }

    function termsOf(EscrowId id) external view returns (Terms memory) {
        return _terms[id];
    }

    function accountAt(uint256 i) public view returns (address) {
        return [BUYER, SELLER, KEEPER, address(payee), ARBITER][i];
    }

    function credits(address token) public view returns (uint256 sum) {
        for (uint256 i = 0; i < 5; ++i) sum += escrow.claimable(token, accountAt(i));
    }

    function balance(address token) public view returns (uint256) {
        return token == address(0) ? address(escrow).balance : MisbehavingToken(token).balanceOf(address(escrow));
    }

    // Inner workings

    /// @dev From the artifact, so that the contracts under test are not compiled again with the tests.
    function _deploy(string memory name, bytes memory arguments) private returns (address deployed) {
        bytes memory code = bytes.concat(VM.getCode(name), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), DeploymentFailed(name));
    }

    function _behave() private {
        MisbehavingToken(tokens[1]).setMood(MisbehavingToken.Mood.Good);
        payee.setMood(MisbehavingAccount.Mood.Good);
    }

    function _pick(uint256 which) private view returns (EscrowId) {
        return ids[which % ids.length];
    }

    /// @dev From nothing to a little more than what remains.
    function _part(EscrowId id, uint256 amount) private view returns (uint256) {
        return amount % (uint256(escrow.escrowOf(id).remaining) + 2);
    }

    /// @dev What the contract holds of the escrow's token and owes to nobody by name.
    function _held(EscrowId id) private view returns (uint256) {
        address token = _terms[id].token;
        return balance(token) - credits(token);
    }

    /// @dev Books what a move has paid or credited, and keeps a final state.
    function _settle(EscrowId id, uint256 before) private {
        uint256 out = before - _held(id);
        paid[id] += out;
        EscrowView memory now_ = escrow.escrowOf(id);
        if (now_.state > State.Disputed && tombstones[id] == 0) tombstones[id] = keccak256(abi.encode(now_));
        if (out != 0) ++moves;
    }

    function _makeTerms(uint256 seed, uint96 amount, uint8 parts, bool buyer) private view returns (Terms memory) {
        uint256 start = block.timestamp;
        Milestone[] memory milestones = new Milestone[](parts % 3);
        for (uint256 i = 0; i < milestones.length; ++i) {
            uint256 part = i + 1 == milestones.length ? uint256(amount) - (amount / 3) * i : amount / 3;
            milestones[i] = Milestone.wrap(((start + 10 days * (4 + i - milestones.length)) << 128) | part);
        }
        Payee[] memory payees = new Payee[](1 + (seed % 2));
        uint256 share = payees.length == 1 ? 10_000 : 1 + ((seed >> 8) % 9_999);
        payees[0] = Payee.wrap(bytes32((uint256(uint160(SELLER)) << 96) | share));
        if (payees.length == 2) {
            payees[1] = Payee.wrap(bytes32((uint256(uint160(address(payee))) << 96) | (10_000 - share)));
        }
        uint256 split = (seed >> 32) % 10_001;
        uint256 tip = (seed >> 64) % 501;
        uint256 rules = (ids.length << 160) | ((start + 30 days) << 120) | (5 days << 80) | ((start + 40 days) << 40);
        return
            Terms({
                buyer: BUYER,
                token: tokens[(seed >> 128) % 3],
                arbiter: ARBITER,
                amount: amount,
                rules: Rules.wrap(rules | (split << 24) | (tip << 8) | (buyer ? 1 : 0)),
                metadata: bytes32(seed),
                milestones: milestones,
                payees: payees
            });
    }
}
