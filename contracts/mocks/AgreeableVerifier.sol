// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IKeyVerifier} from "../crypto/interfaces/IKeyVerifier.sol";

/// @title A verifier to which every key and every signature is right
/// @notice For tests of what comes after the signature; it needs nobody who can sign.
contract AgreeableVerifier is IKeyVerifier {
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata, bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC7913SignatureVerifier.verify.selector;
    }

    /// @inheritdoc IKeyVerifier
    function isValidKey(bytes calldata) external pure returns (bool) {
        return true;
    }
}
