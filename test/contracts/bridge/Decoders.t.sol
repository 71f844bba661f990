// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InteroperableAddress} from "@openzeppelin/contracts/utils/draft-InteroperableAddress.sol";
import {Outbox} from "../../../contracts/bridge/Outbox.sol";
import {Timelock} from "../../../contracts/bridge/Timelock.sol";

/// @notice What the Outbox reads, over random input: it takes one encoding of a thing, and reverts for anything else.
contract DecodersTest {
    Outbox private immutable OUTBOX;

    constructor() {
        // Governance must have code; it does nothing here.
        address governance = address(new Timelock(0, new address[](0), new address[](0)));
        OUTBOX = new Outbox(governance, address(0));
    }

    /// @notice A recipient that is taken is the canonical encoding of what was read.
    function testFuzz_recipientsHaveOneEncoding(bytes calldata recipient) external {
        if (!_sends(recipient, new bytes[](0))) return;
        (uint256 chainId, address account) = InteroperableAddress.parseEvmV1Calldata(recipient);
        assert(keccak256(recipient) == keccak256(InteroperableAddress.formatEvmV1(chainId, account)));
    }

    /// @notice A well-formed recipient is taken, and the same with a byte changed in length, or cut, or extended, is not.
    function testFuzz_recipientsOfWrongShapeAreRefused(
        uint64 chainId,
        address account,
        uint8 cut,
        bytes1 more
    ) external {
        if (chainId == 0 || chainId == block.chainid || account == address(0)) return;
        bytes memory recipient = InteroperableAddress.formatEvmV1(chainId, account);
        assert(_sends(recipient, new bytes[](0)));
        assert(!_sends(abi.encodePacked(recipient, more), new bytes[](0)));
        assert(!_sends(_first(recipient, cut % recipient.length), new bytes[](0)));
    }

    /// @notice Attributes that are taken are none, or one gas limit within its bounds.
    function testFuzz_attributesHaveOneMeaning(bytes calldata attribute, uint8 count) external {
        bytes[] memory attributes = new bytes[](count % 4);
        for (uint256 i = 0; i < attributes.length; ++i) attributes[i] = attribute;
        bool expected = attributes.length == 0 || (attributes.length == 1 && _isGasLimit(attribute));
        assert(_sends(InteroperableAddress.formatEvmV1(4242, address(this)), attributes) == expected);
    }

    /// @notice The same for attributes that begin well.
    function testFuzz_gasLimitsAreBounded(uint256 gasLimit, uint8 length) external {
        // Most random words are far too large.
        if (gasLimit % 2 == 0) gasLimit %= 10_000_000;
        bytes memory attribute = _first(abi.encodeWithSignature("gasLimit(uint256)", gasLimit), length % 37);
        bytes[] memory attributes = new bytes[](1);
        attributes[0] = attribute;
        bool inside = gasLimit >= OUTBOX.MIN_GAS_LIMIT() && gasLimit <= OUTBOX.MAX_GAS_LIMIT();
        bool expected = attribute.length == 36 && inside;
        assert(_sends(InteroperableAddress.formatEvmV1(4242, address(this)), attributes) == expected);
    }

    function _sends(bytes memory recipient, bytes[] memory attributes) private returns (bool sent) {
        (uint64 before, ) = OUTBOX.lanes(4242);
        try OUTBOX.sendMessage(recipient, hex"1234", attributes) {
            sent = true;
        } catch {
            (uint64 now_, ) = OUTBOX.lanes(4242);
            assert(now_ == before);
        }
    }

    function _isGasLimit(bytes calldata attribute) private view returns (bool) {
        if (attribute.length != 36 || bytes4(attribute) != bytes4(keccak256("gasLimit(uint256)"))) return false;
        uint256 gasLimit = uint256(bytes32(attribute[4:]));
        return gasLimit >= OUTBOX.MIN_GAS_LIMIT() && gasLimit <= OUTBOX.MAX_GAS_LIMIT();
    }

    function _first(bytes memory all, uint256 length) private pure returns (bytes memory first) {
        first = new bytes(length);
        for (uint256 i = 0; i < length; ++i) first[i] = all[i];
    }
}
