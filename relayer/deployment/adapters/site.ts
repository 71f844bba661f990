import { ZeroAddress } from "ethers";
import type { ValidatorSet } from "../../domain/bridge.ts";
import type { DeploymentFile } from "../../domain/deployment-file.ts";
import type { Address } from "../../domain/ids.ts";
import { type ChainLayout, contractAt } from "../core/layout.ts";

/** Everything that constructors are told. */
export type Terms = {
  readonly file: DeploymentFile;
  readonly layouts: readonly ChainLayout[];
  /** What Inboxes begin with; undefined before validators have formed it. */
  readonly firstSet: ValidatorSet | undefined;
};

/** The code that creates a contract: what was compiled, with its constructor's arguments behind it. */
export type Creation = { readonly data: string };

/** The chain on which a contract is created, and where on it others are. */
export class Site {
  readonly chain: ChainLayout;
  readonly terms: Terms;

  constructor(chain: ChainLayout, terms: Terms) {
    this.chain = chain;
    this.terms = terms;
  }

  /** A contract of this chain. */
  at(key: string): Address {
    return contractAt(this.chain, key).address;
  }

  /** One of the contracts for BLS; zero where the chain has none. */
  bls(key: "keySets" | "bls" | "blsSets"): string {
    return this.chain.hasBls ? this.at(key) : ZeroAddress;
  }

  /** The home chain. */
  get home(): ChainLayout {
    const home = this.terms.layouts.find(({ isHome }) => isHome);
    if (home === undefined) throw new Error("the schema requires a home chain");
    return home;
  }

  /** All other chains. */
  get others(): readonly ChainLayout[] {
    return this.terms.layouts.filter(({ chainId }) => chainId !== this.chain.chainId);
  }

  /** An account that the deployment file names, or by "deployer" the deployer. */
  account(party: string): string {
    return party === "deployer" ? this.terms.file.deployer : party;
  }

  get guardian(): string {
    return this.account(this.terms.file.guardian);
  }

  /** What checks quorums here. */
  get quorumVerifiers() {
    return {
      keys: this.at("keys"),
      batch: this.at("batch"),
      single: this.at("ed25519"),
      bls: this.bls("blsSets"),
    };
  }
}
