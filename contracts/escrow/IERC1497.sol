// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-1497: evidence standard
/// @notice Here a dispute, its meta-evidence and its evidence group all have the escrow's id as their number.
interface IERC1497 {
    /// @notice The agreement was published.
    /// @param _metaEvidenceID The escrow's id.
    /// @param _evidence URI of the agreement; its digest is in the terms.
    event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence);

    /// @notice Evidence was submitted.
    /// @param _arbitrator The arbiter in the terms.
    /// @param _evidenceGroupID The escrow's id.
    /// @param _party Who submitted it.
    /// @param _evidence URI of the evidence.
    event Evidence(
        address indexed _arbitrator,
        uint256 indexed _evidenceGroupID,
        address indexed _party,
        string _evidence
    );

    /// @notice A dispute was raised.
    /// @param _arbitrator The arbiter in the terms.
    /// @param _disputeID The escrow's id.
    /// @param _metaEvidenceID The escrow's id.
    /// @param _evidenceGroupID The escrow's id.
    event Dispute(
        address indexed _arbitrator,
        uint256 indexed _disputeID,
        uint256 _metaEvidenceID,
        uint256 _evidenceGroupID
    );
}
