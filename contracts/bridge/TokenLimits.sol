// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Guarded} from "./Guarded.sol";
import {ITokenLimits, Limit, Limits} from "./interfaces/ITokenLimits.sol";

/// @title How much of a token may cross in how much time
/// @notice See {ITokenLimits}.
abstract contract TokenLimits is ITokenLimits, Guarded {
    using RateLimiter for RateLimiter.RefillingBucket;

    /// @dev The one key of a limiter that counts the whole token; the others are keyed by chain id.
    bytes32 private constant WHOLE_TOKEN = 0;

    RateLimiter.RefillingBucket private _outgoing;
    RateLimiter.RefillingBucket private _outgoingLane;
    RateLimiter.RefillingBucket private _incoming;
    RateLimiter.RefillingBucket private _incomingLane;
    uint256[] private _chainIds;

    constructor(Limits memory limits_) {
        _setLimits(limits_);
    }

    /// @inheritdoc ITokenLimits
    function setLimits(Limits calldata limits_) external onlyGovernance {
        // What has refilled until now has done so at the rate of until now.
        _outgoing.sync(WHOLE_TOKEN);
        _incoming.sync(WHOLE_TOKEN);
        for (uint256 i = 0; i < _chainIds.length; ++i) {
            _outgoingLane.sync(bytes32(_chainIds[i]));
            _incomingLane.sync(bytes32(_chainIds[i]));
        }
        _setLimits(limits_);
    }

    /// @inheritdoc ITokenLimits
    function limits() external view returns (Limits memory) {
        return
            Limits({
                outgoing: _limit(_outgoing),
                outgoingLane: _limit(_outgoingLane),
                incoming: _limit(_incoming),
                incomingLane: _limit(_incomingLane)
            });
    }

    /// @inheritdoc ITokenLimits
    function available(uint256 chainId) external view returns (uint256 outgoing, uint256 incoming) {
        bytes32 lane = bytes32(chainId);
        outgoing = Math.min(_outgoing.available(WHOLE_TOKEN), _outgoingLane.available(lane));
        incoming = Math.min(_incoming.available(WHOLE_TOKEN), _incomingLane.available(lane));
    }

    /// @dev Called once for each chain at deployment.
    function _addLane(uint256 chainId) internal {
        _chainIds.push(chainId);
    }

    function _consumeOutgoing(uint256 chainId, uint256 amount) internal {
        _consume(_outgoing, WHOLE_TOKEN, amount);
        _consume(_outgoingLane, bytes32(chainId), amount);
    }

    function _consumeIncoming(uint256 chainId, uint256 amount) internal {
        _consume(_incoming, WHOLE_TOKEN, amount);
        _consume(_incomingLane, bytes32(chainId), amount);
    }

    function _consume(RateLimiter.RefillingBucket storage bucket, bytes32 key, uint256 amount) private {
        if (bucket.tryConsume(key, amount)) return;
        require(amount <= bucket._capacity, AboveCapacity(amount, bucket._capacity));
        revert LimitExceeded(amount, bucket.available(key));
    }

    function _setLimits(Limits memory limits_) private {
        _setLimit(_outgoing, limits_.outgoing);
        _setLimit(_outgoingLane, limits_.outgoingLane);
        _setLimit(_incoming, limits_.incoming);
        _setLimit(_incomingLane, limits_.incomingLane);
        emit LimitsSet(limits_);
    }

    function _setLimit(RateLimiter.RefillingBucket storage bucket, Limit memory limit) private {
        require(limit.window > 0, ZeroWindow());
        bucket.updateSettings(limit.window, limit.capacity);
    }

    function _limit(RateLimiter.RefillingBucket storage bucket) private view returns (Limit memory) {
        // {_setLimit} alone writes the capacity, from a uint128.
        return Limit({capacity: uint128(bucket._capacity), window: bucket._window});
    }
}
