// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CombDeployment} from "./CombDeployment.sol";
import {Ed25519CombBatchCode} from "./generated/Ed25519CombBatchCode.sol";
import {IEd25519KeyRegistry} from "./interfaces/IEd25519KeyRegistry.sol";

/// @title Verifier of several Ed25519 signatures of one digest by registered keys
/// @notice The deployed contract implements `IEd25519BatchVerifier`. Two signatures share one run of SHA-512.
/// @dev The constructor deploys code written by scripts/generate-ed25519.ts; docs/crypto.md explains it.
contract Ed25519CombBatchVerifier {
    /// @param registry Where keys are registered. Its tables are trusted.
    constructor(IEd25519KeyRegistry registry) {
        CombDeployment.deploy(
            Ed25519CombBatchCode.runtime(),
            Ed25519CombBatchCode.REGISTRY_HOLES,
            Ed25519CombBatchCode.TABLE_CODE_HOLES,
            registry
        );
    }
}
