// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {ILaneWitness} from "../interfaces/ILaneWitness.sol";
import {ISlashing} from "../interfaces/ISlashing.sol";
import {MessageLib} from "../libraries/MessageLib.sol";
import {LaneId} from "../types/Message.sol";
import {PendingSlashes} from "./PendingSlashes.sol";
import {FalseProof, Offence} from "./SlashingTypes.sol";

/// @title Signatures that the origin contradicts
abstract contract FalseProofs is PendingSlashes {
    /// @inheritdoc ISlashing
    mapping(LaneId lane => mapping(uint64 nonce => bytes32 accumulator)) public factOf;
    /// @inheritdoc ISlashing
    mapping(LaneId lane => mapping(uint64 nonce => mapping(bytes32 signatureHash => bool))) public wasUnreached;

    /// @inheritdoc ISlashing
    function submitFalseProof(FalseProof calldata evidence, bytes32 salt) external nonReentrant {
        bytes32 evidenceHash = keccak256(abi.encode(Offence.FalseProof, evidence));
        _reveal(evidenceHash, salt);
        (bytes32 key, uint64 epoch) = (evidence.key, evidence.signed.epoch);
        bytes32 accumulator = evidence.signed.accumulator;
        _requireLane(evidence.place, evidence.originChainId, evidence.outbox);
        uint256 stake = _answerable(key, epoch);
        _requireSigned(key, _digest(evidence.place, accumulator, epoch), evidence.signed.signature);
        require(_truth(evidence) != accumulator, StatementIsTrue(accumulator));

        bytes32 placeId = _placeId(evidence.place);
        _use(key, Offence.FalseProof, placeId);
        if (evidence.originChainId != block.chainid) {
            _suspend(key, Offence.FalseProof, placeId, epoch, evidenceHash);
            return;
        }
        uint256 taken = _punish(key, Offence.FalseProof, stake, msg.sender);
        _remember(key, placeId, epoch, taken);
        emit Punished(key, Offence.FalseProof, placeId, epoch, taken, msg.sender, evidenceHash);
    }

    /// @inheritdoc IERC7786Recipient
    /// @dev Takes facts from witnesses on other chains, through the Inbox of this one, and from nobody else.
    function receiveMessage(bytes32, bytes calldata sender, bytes calldata payload) external payable returns (bytes4) {
        require(msg.sender == INBOX && msg.value == 0, NotFromWitness(msg.sender, sender));
        (uint256 destination, uint64 nonce, bytes32 accumulator, bytes32 signatureHash, address outbox) = abi.decode(
            payload,
            (uint256, uint64, bytes32, bytes32, address)
        );
        (uint256 origin, address witness) = InteroperableAddress.parseEvmV1Calldata(sender);
        bool isWitness = origin != block.chainid && witness != address(0) && witnessOf[origin][outbox] == witness;
        require(isWitness, NotFromWitness(msg.sender, sender));
        LaneId lane = MessageLib.laneId(origin, outbox, destination);
        if (accumulator == 0) wasUnreached[lane][nonce][signatureHash] = true;
        else factOf[lane][nonce] = accumulator;
        emit FactReceived(lane, nonce, accumulator, signatureHash);
        return IERC7786Recipient.receiveMessage.selector;
    }

    /// @dev acc(nonce) of the evidence's lane; zero where the lane has not come so far.
    function _truth(FalseProof calldata evidence) private view returns (bytes32 accumulator) {
        (uint256 origin, address outbox, uint64 nonce) = (
            evidence.originChainId,
            evidence.outbox,
            evidence.place.nonce
        );
        if (origin == block.chainid) {
            // The registry is the truth about validator sets.
            if (outbox == address(REGISTRY)) return REGISTRY.validatorSetHash(nonce);
            return ILaneWitness(witnessOf[origin][outbox]).accumulatorAt(_destination(evidence.place.domain), nonce);
        }
        LaneId lane = evidence.place.lane;
        accumulator = factOf[lane][nonce];
        bool isKnown = accumulator != 0 || wasUnreached[lane][nonce][keccak256(evidence.signed.signature)];
        require(isKnown, FactMissing(lane, nonce));
    }
}
