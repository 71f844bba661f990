// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CombDeployment} from "./CombDeployment.sol";
import {Ed25519CombCode} from "./generated/Ed25519CombCode.sol";
import {IEd25519KeyRegistry} from "./interfaces/IEd25519KeyRegistry.sol";

/// @title ERC-7913 verifier for registered Ed25519 keys
/// @notice The deployed contract implements `IEd25519CombVerifier`. A key is the 32 bytes of an Ed25519 public key, the signed
/// message is the 32 bytes of `hash`. A signature is 96 bytes, R ‖ S ‖ x: x is R's affine x-coordinate, a big-endian
/// number, which saves working it out; given R only one x is accepted. `isValidKey` says whether the key is registered.
/// Valid is what `Ed25519` calls valid; the answer for a key that is not registered is 0xffffffff.
/// @dev The constructor deploys code written by scripts/generate-ed25519.ts; docs/crypto.md explains it.
contract Ed25519CombVerifier {
    /// @param registry Where keys are registered. Its tables are trusted.
    constructor(IEd25519KeyRegistry registry) {
        CombDeployment.deploy(
            Ed25519CombCode.runtime(),
            Ed25519CombCode.REGISTRY_HOLES,
            Ed25519CombCode.TABLE_CODE_HOLES,
            registry
        );
    }
}
