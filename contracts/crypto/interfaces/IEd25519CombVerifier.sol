// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyVerifier} from "./IKeyVerifier.sol";

/// @title ERC-7913 verifier for registered Ed25519 keys
/// @notice Keys have 32 bytes. Signatures have 96: R ‖ S ‖ x, x being R's affine x-coordinate, a big-endian number; given
/// R only one x is accepted. `isValidKey` says whether the key is registered.
interface IEd25519CombVerifier is IKeyVerifier {
    /// @notice Like `verify`, for messages of any length: the caller has computed their hash.
    /// @dev The answer is about the message only if the challenge really is that of R, the key and the message: with a
    /// challenge of one's choice anybody can make a "signature".
    /// @param key The public key, 32 bytes.
    /// @param challenge SHA-512(R ‖ A ‖ M) as a little-endian number, or that modulo L: `Ed25519.challenge`.
    /// @param signature R ‖ S ‖ x, 96 bytes.
    /// @return The selector of `verify` for a valid signature, else 0xffffffff.
    function verifyChallenge(
        bytes calldata key,
        bytes32 challenge,
        bytes calldata signature
    ) external view returns (bytes4);
}
