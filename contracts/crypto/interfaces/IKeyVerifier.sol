// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

/// @title A signature verifier (ERC-7913) that can also tell a usable key from a bad one
/// @notice `verify` answers `IERC7913SignatureVerifier.verify.selector` for a valid signature and 0xffffffff for
/// anything else. Neither function reverts, however malformed its input.
interface IKeyVerifier is IERC7913SignatureVerifier {
    /// @notice Whether `key` may be admitted to a set of signers: well-formed, and not one of the weak keys under which
    /// signatures prove nothing.
    function isValidKey(bytes calldata key) external view returns (bool);
}
