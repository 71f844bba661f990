// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CrosschainLinked} from "@openzeppelin/contracts/crosschain/CrosschainLinked.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {BridgedToken} from "../../../../contracts/bridge/BridgedToken.sol";
import {ILockingTokenBridge} from "../../../../contracts/bridge/interfaces/ILockingTokenBridge.sol";
import {ITokenBridge, TokenBridgeConfig} from "../../../../contracts/bridge/interfaces/ITokenBridge.sol";
import {ITokenLimits, Limit, Limits} from "../../../../contracts/bridge/interfaces/ITokenLimits.sol";
import {IGuarded} from "../../../../contracts/bridge/interfaces/IGuarded.sol";
import {LoopbackGateway} from "../../../../contracts/mocks/LoopbackGateway.sol";
import {MisbehavingToken} from "../../../../contracts/mocks/MisbehavingToken.sol";
import {VM} from "../../escrow/Vm.sol";

/// @dev What these tests use of the cheatcodes besides.
interface IChainVm {
    function chainId(uint256 id) external;
}

/// @dev What a handler calls on either side.
interface ISide is ITokenBridge, ITokenLimits, IGuarded {
    function crosschainTransfer(bytes memory to, uint256 amount) external returns (bytes32);
}

/// @dev Where the value of a message is.
enum Where {
    InFlight,
    Failed,
    Delayed,
    Rejected,
    Paid,
    Returned
}

/// @title Random users, relayers, guardians and governments of one token's two bridges, and where its value should be
/// @dev Each function is one move; none ever reverts. The ghost `value` holds, for each state of a message, the shared units that all
/// messages in that state carry, both ways.
contract BridgeHandler {
    struct Transfer {
        bool toHome;
        Where where;
        uint128 shared;
        bytes payload;
    }

    uint256 private constant HOME_CHAIN = 1_111;
    uint256 private constant AWAY_CHAIN = 2_222;
    address public constant GUARDIAN = address(0x6A4D);

    MisbehavingToken public token;
    BridgedToken public bridged;
    ISide public home;
    ISide public away;
    LoopbackGateway public homeGateway;
    LoopbackGateway public awayGateway;
    mapping(Where where => uint256 shared) public value;
    Transfer[] public transfers;

    error DeploymentFailed(string name);

    constructor() {
        token = MisbehavingToken(_deploy("MisbehavingToken", ""));
        homeGateway = LoopbackGateway(_deploy("LoopbackGateway", ""));
        awayGateway = LoopbackGateway(_deploy("LoopbackGateway", ""));
        // This contract's next three: nonces of contracts start with 1, and it has created three.
        address homeBridge = _created(4);
        address awayBridge = _created(6);
        _at(HOME_CHAIN);
        home = ISide(
            _deploy(
                "LockingTokenBridge",
                abi.encode(token, _config(homeGateway), _links(homeGateway, AWAY_CHAIN, awayBridge))
            )
        );
        _at(AWAY_CHAIN);
        bridged = BridgedToken(_deploy("BridgedToken", abi.encode("Away", "AWAY", 9, awayBridge)));
        away = ISide(
            _deploy(
                "MintingTokenBridge",
                abi.encode(bridged, _config(awayGateway), _links(awayGateway, HOME_CHAIN, homeBridge))
            )
        );
        for (uint256 i = 0; i < 3; ++i) {
            token.transfer(user(i), 1e28);
            VM.prank(user(i));
            token.approve(address(home), type(uint256).max);
        }
    }

    // Moves

    function send(bool fromHome, uint256 who, uint256 to, uint256 shared, uint256 dust) public {
        (ISide from, uint256 destination) = fromHome ? (home, AWAY_CHAIN) : (away, HOME_CHAIN);
        uint256 amount = (shared % 2_000_000) * from.SCALE() + (dust % from.SCALE());
        if (!fromHome && who % 2 == 0) amount = bridged.balanceOf(user(who));
        _at(fromHome ? HOME_CHAIN : AWAY_CHAIN);
        bytes memory recipient = InteroperableAddress.formatEvmV1(destination, user(to));
        VM.prank(user(who));
        try from.crosschainTransfer(recipient, amount) {
            _record(!fromHome);
        } catch {}
    }

    /// @dev There and, if possible, back: without it most runs would see few payments.
    function cross(uint256 who, uint256 to, uint256 shared, uint256 back) external {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = transfers.length;
            send(i == 0, i == 0 ? who : to, to, i == 0 ? shared : back, 0);
            if (transfers.length > before) deliver(before);
        }
    }

    /// @dev Of a message in flight, or a retry of one that failed.
    function deliver(uint256 which) public {
        if (transfers.length == 0) return;
        uint256 i = which % transfers.length;
        Transfer storage transfer = transfers[i];
        if (transfer.where > Where.Failed) return;
        bool toHome = transfer.toHome;
        _at(toHome ? HOME_CHAIN : AWAY_CHAIN);
        bytes memory sender =
            toHome
                ? InteroperableAddress.formatEvmV1(AWAY_CHAIN, address(away))
                : InteroperableAddress.formatEvmV1(HOME_CHAIN, address(home));
        try gateway(toHome).deliver(address(side(i)), bytes32(i), sender, transfer.payload) {
            _move(i, side(i).pending(bytes32(i)).releaseAt == 0 ? Where.Paid : Where.Delayed);
        } catch {
            _move(i, Where.Failed);
        }
    }

    function release(uint256 which) public {
        if (transfers.length == 0) return;
        uint256 i = which % transfers.length;
        _at(transfers[i].toHome ? HOME_CHAIN : AWAY_CHAIN);
        try side(i).release(bytes32(i)) {
            _move(i, Where.Paid);
        } catch {}
    }

    function hold(uint256 which) external {
        if (transfers.length == 0) return;
        uint256 i = which % transfers.length;
        VM.prank(GUARDIAN);
        try side(i).hold(bytes32(i)) {} catch {}
    }

    function reject(uint256 which) external {
        if (transfers.length == 0) return;
        uint256 i = which % transfers.length;
        VM.prank(governance(transfers[i].toHome));
        try side(i).reject(bytes32(i)) {
            _move(i, Where.Rejected);
        } catch {}
    }

    function returnToSender(uint256 which) external {
        if (transfers.length == 0) return;
        uint256 i = which % transfers.length;
        bool toHome = transfers[i].toHome;
        _at(toHome ? HOME_CHAIN : AWAY_CHAIN);
        VM.prank(governance(toHome));
        try side(i).returnToSender(bytes32(i)) {
            _move(i, Where.Returned);
            _record(!toHome);
        } catch {}
    }

    function pause(bool atHome) external {
        VM.prank(GUARDIAN);
        try (atHome ? home : away).pause() {} catch {}
    }

    function setLimits(bool atHome, uint256 seed) external {
        Limits memory limits;
        limits.outgoing = Limit(uint128(seed % 20_000_000), 1 days);
        limits.outgoingLane = Limit(uint128((seed >> 32) % 20_000_000), 1 hours);
        limits.incoming = Limit(uint128((seed >> 64) % 20_000_000), 1 days);
        limits.incomingLane = Limit(uint128((seed >> 96) % 20_000_000), 1 hours);
        VM.prank(governance(atHome));
        (atHome ? home : away).setLimits(limits);
    }

    function setDelayThreshold(bool atHome, uint256 threshold) external {
        VM.prank(governance(atHome));
        (atHome ? home : away).setDelayThreshold(uint128(threshold % 2_000_000));
    }

    function warp(uint256 seconds_) external {
        VM.warp(block.timestamp + (seconds_ % 5 days));
    }

    /// @dev Good, with a fee, false, silent, reverting on zero, or inflating; and without one of its users.
    function misbehave(uint256 mood, uint256 who) external {
        uint8[6] memory moods = [0, 1, 2, 3, 4, 9];
        token.setMood(MisbehavingToken.Mood(moods[mood % 6]));
        token.setBlacklisted(user(who), mood % 3 == 0);
    }

    function donate(uint256 amount) external {
        token.transfer(address(home), amount % 1e18);
    }

    /// @dev Not a move: everybody behaves, nothing is limited, and time has passed.
    function calmDown() external {
        VM.warp(block.timestamp + 30 days);
        token.setMood(MisbehavingToken.Mood.Good);
        for (uint256 i = 0; i < 3; ++i) token.setBlacklisted(user(i), false);
        Limit memory free = Limit(type(uint128).max, 1);
        for (uint256 i = 0; i < 2; ++i) {
            VM.prank(governance(i == 0));
            (i == 0 ? home : away).setLimits(Limits(free, free, free, free));
        }
    }

    // What there is to see

    function count() external view returns (uint256) {
        return transfers.length;
    }

    function locked() external view returns (uint256) {
        return ILockingTokenBridge(address(home)).locked();
    }

    function minted() external view returns (uint256) {
        return bridged.totalSupply() / away.SCALE();
    }

    function side(uint256 i) public view returns (ISide) {
        return transfers[i].toHome ? home : away;
    }

    function gateway(bool atHome) public view returns (LoopbackGateway) {
        return atHome ? homeGateway : awayGateway;
    }

    /// @dev Any contract; the gateway is at hand.
    function governance(bool atHome) public view returns (address) {
        return address(gateway(atHome));
    }

    function user(uint256 i) public pure returns (address) {
        return address(uint160(0xA11CE + (i % 3)));
    }

    // Inner workings

    function _record(bool toHome) private {
        LoopbackGateway origin = gateway(!toHome);
        bytes memory payload = origin.payloads(origin.count());
        (, , uint256 shared) = abi.decode(payload, (bytes, bytes, uint256));
        transfers.push(Transfer(toHome, Where.InFlight, uint128(shared), payload));
        value[Where.InFlight] += shared;
    }

    function _move(uint256 i, Where to) private {
        Transfer storage transfer = transfers[i];
        value[transfer.where] -= transfer.shared;
        value[to] += transfer.shared;
        transfer.where = to;
    }

    function _at(uint256 chainId) private {
        IChainVm(address(VM)).chainId(chainId);
    }

    /// @dev From the artifact, so that the contracts under test are not compiled again with the tests.
    function _deploy(string memory name, bytes memory arguments) private returns (address deployed) {
        bytes memory code = bytes.concat(VM.getCode(name), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), DeploymentFailed(name));
    }

    function _created(uint8 nonce) private view returns (address) {
        // The RLP of an address and a nonce below 128.
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), nonce)))));
    }

    function _config(LoopbackGateway gateway_) private pure returns (TokenBridgeConfig memory) {
        Limit memory limit = Limit(10_000_000, 1 hours);
        return
            TokenBridgeConfig({
                inbox: address(gateway_),
                governance: address(gateway_),
                guardian: GUARDIAN,
                sharedDecimals: 6,
                delayThreshold: 1_000_000,
                limits: Limits(limit, limit, limit, limit)
            });
    }

    function _links(
        LoopbackGateway gateway_,
        uint256 chainId,
        address counterpart
    ) private pure returns (CrosschainLinked.Link[] memory links) {
        links = new CrosschainLinked.Link[](1);
        links[0] = CrosschainLinked.Link(address(gateway_), InteroperableAddress.formatEvmV1(chainId, counterpart));
    }
}
