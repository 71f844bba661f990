// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7786Recipient} from "@openzeppelin/contracts/interfaces/draft-IERC7786.sol";
import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {BoundedCall} from "../../../contracts/bridge/libraries/BoundedCall.sol";
import {MessageLib} from "../../../contracts/bridge/libraries/MessageLib.sol";
import {QuorumLib} from "../../../contracts/bridge/libraries/QuorumLib.sol";
import {RecipientCall} from "../../../contracts/bridge/libraries/RecipientCall.sol";
import {LaneId, Message, MessageId} from "../../../contracts/bridge/types/Message.sol";
import {Scheme, ValidatorSet} from "../../../contracts/bridge/types/ValidatorSet.sol";

/// @notice Properties of the bridge's libraries, over random input.
contract LibrariesTest {
    function messageIdOf(
        LaneId lane,
        uint64 nonce,
        address sender,
        address recipient,
        uint64 gasLimit,
        bytes calldata payload
    ) external pure returns (MessageId) {
        return MessageLib.messageId(lane, nonce, sender, recipient, gasLimit, payload);
    }

    function testFuzz_foldIsTheHashOfBoth(bytes32 accumulator, MessageId id) external pure {
        assert(MessageLib.fold(accumulator, id) == keccak256(abi.encode(accumulator, id)));
    }

    function testFuzz_theIdIsTheHashOfTheEncoding(
        LaneId lane,
        uint64 nonce,
        address sender,
        address recipient,
        uint64 gasLimit,
        bytes calldata payload
    ) external view {
        bytes32 expected = keccak256(
            abi.encode(MessageLib.MESSAGE_TYPEHASH, lane, nonce, sender, recipient, gasLimit, keccak256(payload))
        );
        assert(_id(lane, nonce, sender, recipient, gasLimit, payload) == expected);
    }

    function setHashOf(ValidatorSet calldata set) external pure returns (bytes32) {
        return QuorumLib.hashOf(set);
    }

    function testFuzz_theHashOfASetIsThatOfItsEncoding(
        uint64 epoch,
        uint64 expiresAt,
        uint32 overlap,
        uint16 threshold,
        bool bls,
        bytes32[] calldata members
    ) external view {
        Scheme scheme = bls ? Scheme.BLS12381 : Scheme.Ed25519;
        ValidatorSet memory set = ValidatorSet(epoch, expiresAt, overlap, threshold, scheme, members);
        assert(this.setHashOf(set) == keccak256(abi.encode(set)));
        assert(QuorumLib.hash(set) == keccak256(abi.encode(set)));
    }

    function callTo(
        MessageId id,
        uint256 chainId,
        Message calldata first,
        Message calldata second
    ) external pure returns (bytes memory firstCall, bytes memory secondCall, bytes memory after_) {
        bytes memory sender = RecipientCall.senderOn(chainId);
        firstCall = RecipientCall.encode(id, sender, first);
        secondCall = RecipientCall.encode(id, sender, second);
        after_ = new bytes(64);
    }

    function testFuzz_theCallOfARecipientIsItsEncoding(
        MessageId id,
        uint256 chainId,
        Message calldata first,
        Message calldata second
    ) external view {
        (bytes memory firstCall, bytes memory secondCall, bytes memory after_) = this.callTo(
            id,
            chainId,
            first,
            second
        );
        assert(keccak256(firstCall) == keccak256(_expectedCall(id, chainId, first)));
        assert(keccak256(secondCall) == keccak256(_expectedCall(id, chainId, second)));
        assert(keccak256(after_) == keccak256(new bytes(64)));
    }

    function testFuzz_everyFieldIsPartOfTheId(
        LaneId lane,
        uint64 nonce,
        address sender,
        address recipient,
        uint64 gasLimit,
        bytes calldata payload
    ) external view {
        bytes32 id = MessageId.unwrap(this.messageIdOf(lane, nonce, sender, recipient, gasLimit, payload));
        unchecked {
            LaneId otherLane = LaneId.wrap(bytes32(uint256(LaneId.unwrap(lane)) + 1));
            assert(id != _id(otherLane, nonce, sender, recipient, gasLimit, payload));
            assert(id != _id(lane, nonce + 1, sender, recipient, gasLimit, payload));
            assert(id != _id(lane, nonce, address(uint160(sender) + 1), recipient, gasLimit, payload));
            assert(id != _id(lane, nonce, sender, address(uint160(recipient) + 1), gasLimit, payload));
            assert(id != _id(lane, nonce, sender, recipient, gasLimit + 1, payload));
        }
        assert(id != _id(lane, nonce, sender, recipient, gasLimit, abi.encodePacked(payload, hex"00")));
    }

    function testFuzz_whatIsSpendableCanBeSpent(uint64 available) external pure {
        uint256 spendable = BoundedCall.spendable(available);
        assert(spendable <= available);
        // EIP-150: of what is left at the call, 63 of 64 parts can be passed on.
        assert(spendable + spendable / 63 <= available);
    }

    /// @dev Answers a call with `returned_` bytes; called by the test below.
    function answer(uint256 size) external pure returns (bytes memory) {
        // The raw bytes, not an ABI encoding: every byte is one.
        bytes memory all = new bytes(size);
        for (uint256 i = 0; i < size; ++i) all[i] = 0x01;
        assembly {
            return(add(all, 0x20), size)
        }
    }

    function testFuzz_noMoreIsCopiedThanAskedFor(uint16 size, uint16 most) external {
        size = size % 2000;
        (bool success, bytes memory returned) = BoundedCall.tryCall(
            address(this),
            abi.encodeCall(this.answer, (size)),
            gasleft() / 2,
            most
        );
        assert(success);
        assert(returned.length == (size < most ? size : most));
        for (uint256 i = 0; i < returned.length; ++i) assert(returned[i] == 0x01);
        // Memory stays sound: what is allocated next does not overlap it.
        bytes memory next = new bytes(32);
        for (uint256 i = 0; i < next.length; ++i) assert(next[i] == 0x00);
        for (uint256 i = 0; i < returned.length; ++i) assert(returned[i] == 0x01);
    }

    function _expectedCall(
        MessageId id,
        uint256 chainId,
        Message calldata message
    ) private pure returns (bytes memory) {
        bytes memory sender = InteroperableAddress.formatEvmV1(chainId, message.sender);
        return abi.encodeCall(IERC7786Recipient.receiveMessage, (MessageId.unwrap(id), sender, message.payload));
    }

    function _id(
        LaneId lane,
        uint64 nonce,
        address sender,
        address recipient,
        uint64 gasLimit,
        bytes memory payload
    ) private view returns (bytes32) {
        return MessageId.unwrap(this.messageIdOf(lane, nonce, sender, recipient, gasLimit, payload));
    }
}
