import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Addresses, addressesSchema, type DeployedContract } from "../../domain/addresses-file.ts";
import type { DeploymentFile } from "../../domain/deployment-file.ts";
import type { ChainName, Hash } from "../../domain/ids.ts";
import type { ChainLayout } from "../../deployment/core/layout.ts";
import { tokenSides } from "../../deployment/core/tokens.ts";

/** What became known of a contract. */
export type Known = {
  readonly codeHash?: Hash;
  readonly transaction?: Hash;
  readonly isVerified?: boolean;
};

/** The addresses file of a deployment while it is made: written anew at every step, so that whoever reads it finds a whole one. */
export class AddressBook {
  readonly #path: string;
  #content: Addresses;

  /** @param blocks for each chain, a block before its first contract; what was recorded before stays */
  constructor(
    path: string,
    file: DeploymentFile,
    layouts: readonly ChainLayout[],
    blocks: ReadonlyMap<string, number>,
    recorded: Addresses | undefined,
  ) {
    this.#path = path;
    const chains = layouts.map(({ name, chainId, hasBls, contracts }) => {
      const before = recorded?.chains[name];
      const entries = contracts.map(
        ({ key, contract, address }) => [key, { ...before?.contracts[key], contract, address }] as const,
      );
      const deploymentBlock = before?.deploymentBlock ?? blocks.get(name) ?? 0;
      const entry = { chainId, deploymentBlock, hasBls, contracts: Object.fromEntries(entries) };
      return [name, entry] as const;
    });
    this.#content = addressesSchema.parse({
      name: file.name,
      deployer: file.deployer,
      home: file.home,
      isComplete: false,
      chains: Object.fromEntries(chains),
      tokens: tokenSides(file, layouts),
    });
  }

  /** What is known of a contract so far. */
  known(chain: ChainName, key: string): Readonly<DeployedContract> {
    const found = this.#content.chains[chain]?.contracts[key];
    if (found === undefined) throw new Error(`the plan has no ${key} on ${chain}`);
    return found;
  }

  /** The block from which a chain's logs are looked through. */
  deploymentBlock(chain: ChainName): number {
    return this.#content.chains[chain]?.deploymentBlock ?? 0;
  }

  /** Adds what became known of a contract. */
  note(chain: ChainName, key: string, known: Known): void {
    Object.assign(this.known(chain, key), known);
  }

  /** Says whether all contracts are there. */
  complete(isComplete: boolean): void {
    this.#content = { ...this.#content, isComplete };
  }

  write(): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#content, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
