// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A bucket: full at first, it refills by `capacity / window` each second and never above `capacity`.
/// @param capacity The most that passes at once, in shared units; 0 lets nothing pass.
/// @param window Seconds in which an empty bucket fills up; at least 1.
struct Limit {
    uint128 capacity;
    uint48 window;
}

/// @notice The four limits of a token bridge. A transfer needs room in its lane's bucket and in the whole token's.
/// @param outgoing Of all that leaves here, whereto ever.
/// @param outgoingLane Of what leaves for one chain; each chain has a bucket of this size.
/// @param incoming Of all that arrives here, wherefrom ever.
/// @param incomingLane Of what arrives from one chain; each chain has a bucket of this size.
struct Limits {
    Limit outgoing;
    Limit outgoingLane;
    Limit incoming;
    Limit incomingLane;
}

/// @title How much of a token may cross in how much time
/// @notice Bounds what a forged message can take before people act. Amounts are in shared units, see {ITokenBridge-SHARED_DECIMALS}.
/// @dev Anybody with enough of the token can empty a bucket by bridging, and others wait until it refills. It costs the fees of the
/// bridging again and again, takes nothing from anybody and is no reason for larger limits than the value at risk allows. Choose
/// the incoming limits of a bridge no smaller than the outgoing ones of its counterparts, or honest transfers wait there.
interface ITokenLimits {
    /// @notice The limits were set. What is used of the buckets stays used.
    event LimitsSet(Limits limits);

    /// @notice The limits have a window of zero seconds. Nothing was changed.
    error ZeroWindow();
    /// @notice More than the bucket ever holds: it cannot pass, however long one waits. Send it in parts. Nothing was taken.
    error AboveCapacity(uint256 amount, uint256 capacity);
    /// @notice The bucket has only `available` left for now. Nothing was taken; try again when it has refilled.
    error LimitExceeded(uint256 amount, uint256 available);

    /// @notice Sets all limits. Only governance.
    function setLimits(Limits calldata limits_) external;

    /// @notice The limits in force.
    function limits() external view returns (Limits memory);

    /// @notice What may leave for and arrive from `chainId` in this moment, in shared units.
    function available(uint256 chainId) external view returns (uint256 outgoing, uint256 incoming);
}
