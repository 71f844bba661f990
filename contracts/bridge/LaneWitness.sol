// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {ILaneWitness} from "./interfaces/ILaneWitness.sol";
import {IOutbox} from "./interfaces/IOutbox.sol";
import {MessageLib} from "./libraries/MessageLib.sol";
import {MessageId} from "./types/Message.sol";

/// @title LaneWitness
/// @notice See {ILaneWitness}.
contract LaneWitness is ILaneWitness {
    /// @inheritdoc ILaneWitness
    IOutbox public immutable OUTBOX;
    /// @inheritdoc ILaneWitness
    uint256 public immutable HOME_CHAIN_ID;
    /// @inheritdoc ILaneWitness
    address public immutable SLASHING;

    mapping(uint256 destinationChainId => mapping(uint64 nonce => bytes32 accumulator)) private _known;

    /// @param outbox The Outbox of this chain.
    /// @param homeChainId Where the slashing contract is; may be this chain, which then asks instead of being told.
    /// @param slashing The slashing contract there.
    constructor(IOutbox outbox, uint256 homeChainId, address slashing) {
        require(
            address(outbox).code.length > 0 && slashing != address(0) && homeChainId != 0,
            InvalidWitness(address(outbox), slashing)
        );
        (OUTBOX, HOME_CHAIN_ID, SLASHING) = (outbox, homeChainId, slashing);
    }

    /// @inheritdoc ILaneWitness
    function observe(uint256 destinationChainId) external returns (uint64 nonce, bytes32 accumulator) {
        (nonce, accumulator) = OUTBOX.lanes(destinationChainId);
        require(nonce > 0, LaneNotReached(1, 0));
        _establish(destinationChainId, nonce, accumulator);
    }

    /// @inheritdoc ILaneWitness
    function prove(uint256 destinationChainId, uint64 nonce, bytes32 accumulator, MessageId[] calldata later) external {
        bytes32 folded = accumulator;
        for (uint256 i = 0; i < later.length; ++i) folded = MessageLib.fold(folded, later[i]);
        uint64 end = nonce + uint64(later.length); // calldata bounds the length far below 2^64
        bytes32 expected = accumulatorAt(destinationChainId, end);
        // Zero is what is not reached; no accumulator is zero but that of the empty lane.
        require(nonce > 0 && expected != 0 && folded == expected, NotFolding(end, folded, expected));
        _establish(destinationChainId, nonce, accumulator);
    }

    /// @inheritdoc ILaneWitness
    function report(uint256 destinationChainId, uint64 nonce) external returns (bytes32 sendId) {
        bytes32 accumulator = accumulatorAt(destinationChainId, nonce);
        if (accumulator == 0) {
            (uint64 head, ) = OUTBOX.lanes(destinationChainId);
            revert LaneNotReached(nonce, head);
        }
        return _send(destinationChainId, nonce, accumulator, 0);
    }

    /// @inheritdoc ILaneWitness
    function reportUnreached(
        uint256 destinationChainId,
        uint64 nonce,
        bytes32 signatureHash
    ) external returns (bytes32 sendId) {
        (uint64 head, ) = OUTBOX.lanes(destinationChainId);
        require(nonce > head, LaneReached(nonce, head));
        return _send(destinationChainId, nonce, 0, signatureHash);
    }

    /// @inheritdoc ILaneWitness
    function accumulatorAt(uint256 destinationChainId, uint64 nonce) public view returns (bytes32 accumulator) {
        (uint64 head, bytes32 latest) = OUTBOX.lanes(destinationChainId);
        if (nonce > head) return 0;
        accumulator = nonce == head ? latest : _known[destinationChainId][nonce];
        require(accumulator != 0, NotKnown(destinationChainId, nonce));
    }

    function _establish(uint256 destinationChainId, uint64 nonce, bytes32 accumulator) private {
        _known[destinationChainId][nonce] = accumulator;
        emit AccumulatorKnown(destinationChainId, nonce, accumulator);
    }

    function _send(
        uint256 destinationChainId,
        uint64 nonce,
        bytes32 accumulator,
        bytes32 signatureHash
    ) private returns (bytes32 sendId) {
        sendId = OUTBOX.sendMessage(
            InteroperableAddress.formatEvmV1(HOME_CHAIN_ID, SLASHING),
            abi.encode(destinationChainId, nonce, accumulator, signatureHash, address(OUTBOX)),
            new bytes[](0)
        );
        emit FactReported(destinationChainId, nonce, accumulator, signatureHash, sendId);
    }
}
