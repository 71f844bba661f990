import { ZeroAddress } from "ethers";
import { AttestedPoints__factory } from "../../../types/ethers-contracts/factories/bridge/AttestedPoints__factory.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { schemeCodes } from "../../domain/validator-set.ts";
import { contractAt } from "../core/layout.ts";
import type { Creation, Site } from "./site.ts";

/** What creates the contracts that are on the home chain alone. */
export const homeCreators = {
  ValidatorRegistry: createRegistry,
  Slashing: createSlashing,
  AttestedPoints: (site: Site) =>
    new AttestedPoints__factory().getDeployTransaction(
      site.at("slashing"),
      site.at("registry"),
      verifiers(site),
      site.quorumVerifiers,
      site.terms.file.slashing.graceSeconds,
    ),
};

function createRegistry(site: Site): Promise<Creation> {
  const { registry, operators, treasury } = site.terms.file;
  const config = {
    token: ZeroAddress,
    governance: site.at("timelock"),
    slashing: site.at("slashing"),
    treasury: site.account(treasury),
    ed25519: site.at("ed25519"),
    bls: site.bls("bls"),
    keySets: site.bls("keySets"),
    minimumBond: registry.minimumBond,
    operatorCapBps: registry.operatorCapBps,
    rewardBps: registry.rewardBps,
    unbonding: registry.unbondingSeconds,
    validity: registry.validitySeconds,
    evidenceWindow: registry.evidenceWindowSeconds,
    overlap: registry.overlapSeconds,
    epochLength: registry.epochLengthSeconds,
    jailTime: registry.jailSeconds,
  };
  return new ValidatorRegistry__factory().getDeployTransaction(
    config,
    operators,
    registry.thresholdBps,
    schemeCodes[registry.scheme],
  );
}

function createSlashing(site: Site): Promise<Creation> {
  const { slashing } = site.terms.file;
  const config = {
    registry: site.at("registry"),
    points: site.at("points"),
    governance: site.at("timelock"),
    vetoer: site.guardian,
    inbox: site.at("inbox"),
    verifiers: verifiers(site),
    vetoWindow: slashing.vetoWindowSeconds,
    commitLife: slashing.commitLifeSeconds,
    collusionWindow: slashing.collusionWindowSeconds,
    collusionMinimum: slashing.collusionMinimum,
  };
  const sides = site.terms.layouts.map((chain) => ({
    chainId: chain.chainId,
    inbox: contractAt(chain, "inbox").address,
    outbox: contractAt(chain, "outbox").address,
    witness: contractAt(chain, "witness").address,
  }));
  return new Slashing__factory().getDeployTransaction(config, sides, sides);
}

/** What checks single signatures here. */
function verifiers(site: Site) {
  return {
    ed25519: site.at("ed25519"),
    comb: site.at("comb"),
    bls: site.bls("bls"),
    blsSets: site.bls("blsSets"),
    keySets: site.bls("keySets"),
  };
}
