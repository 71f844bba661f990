// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "./IGoverned.sol";

/// @title A pause that ends by itself
/// @notice A guardian can stop a contract for {PAUSE} seconds and then not again before {PAUSE_COOLDOWN} seconds have passed, so that
/// a stolen or spiteful guardian delays and never holds. The guardian can do nothing else here: it moves no funds and changes
/// no parameter. Governance, a timelock, names the guardian.
interface IGuarded is IGoverned {
    /// @notice The contract is stopped until `until` (Unix seconds); a moment that has passed means that it runs.
    event PausedUntil(uint64 until);
    /// @notice Governance named a guardian; zero is nobody.
    event GuardianSet(address guardian);

    /// @notice Only the guardian may do this. Nothing was changed.
    error NotGuardian(address caller, address guardian);
    /// @notice The contract is stopped until `until` (Unix seconds). Nothing was changed; try again then.
    error Paused(uint64 until);
    /// @notice The guardian may pause again at `from` (Unix seconds). Nothing was changed.
    error PauseTooSoon(uint64 from);

    /// @notice How long a pause lasts, in seconds.
    function PAUSE() external view returns (uint64);

    /// @notice How long after a pause's end the guardian may not pause again, in seconds.
    function PAUSE_COOLDOWN() external view returns (uint64);

    /// @notice Who may pause.
    function guardian() external view returns (address);

    /// @notice When the last pause ends or ended (Unix seconds), 0 before the first.
    function pausedUntil() external view returns (uint64);

    /// @notice From when on the guardian may pause again (Unix seconds).
    function pausableFrom() external view returns (uint64);

    /// @notice Stops the contract for {PAUSE} seconds. Only the guardian.
    function pause() external;

    /// @notice Ends a pause before its time. The guardian or governance.
    function unpause() external;

    /// @notice Names the guardian. Only governance.
    function setGuardian(address guardian_) external;
}
