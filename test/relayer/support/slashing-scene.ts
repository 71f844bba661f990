import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBytes, JsonRpcProvider, parseEther, Wallet } from "ethers";
import { z } from "zod";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { digestOf, domainOf } from "../../../relayer/domain/attestation.ts";
import type { Attestation, Statement } from "../../../relayer/domain/bridge.ts";
import { address, type ChainId, chainId, type Hash } from "../../../relayer/domain/ids.ts";
import { deployBridge, type Deployment } from "../../../scripts/local/deploy/index.ts";
import type { ValidatorContracts } from "../../../scripts/local/deploy/validators.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { hashOf, laneOf } from "./bridge.ts";
import { repository, type Running, start, until } from "./processes.ts";

/** A chain of a test's own. */
export type Node = { readonly running: Running; readonly url: string; readonly provider: JsonRpcProvider };

/** Two chains of our own with the whole bridge on them, and three validators whose keys are at hand. */
export class SlashingScene {
  readonly folder: string;
  readonly url: string;
  readonly home: ChainId;
  readonly domain: Hash;
  readonly contracts: ValidatorContracts;
  readonly sides: readonly [home: Deployment, away: Deployment];
  readonly provider: JsonRpcProvider;
  readonly keys: readonly LocalSigningKey[];
  readonly #nodes: readonly Node[];

  private constructor(
    folder: string,
    nodes: readonly [Node, Node],
    chains: readonly [ChainId, ChainId],
    keys: readonly LocalSigningKey[],
    { sides, validators }: Awaited<ReturnType<typeof deployBridge>>,
  ) {
    this.folder = folder;
    this.#nodes = nodes;
    this.keys = keys;
    [{ url: this.url, provider: this.provider }] = nodes;
    [this.home] = chains;
    this.domain = domainOf(chains[1], sides[1].inbox);
    this.contracts = validators;
    this.sides = sides;
  }

  /** @param id the first of the two chain ids */
  static async start(id: number): Promise<SlashingScene> {
    const folder = mkdtempSync(join(tmpdir(), "dchat-slashing-"));
    const chains = [chainId.parse(id), chainId.parse(id + 1)] as const;
    const [home, away] = await Promise.all([startNode(folder, chains[0]), startNode(folder, chains[1])]);
    const keys = ["one", "two", "three"].map((name) => new LocalSigningKey(getBytes(hashOf(name))));
    const deployment = await deployBridge(
      { chainId: chains[0], provider: home.provider },
      { chainId: chains[1], provider: away.provider },
      {
        validators: keys.map((key) => ({
          key,
          operator: new Wallet(Wallet.createRandom().privateKey, home.provider),
        })),
        thresholdBps: 6_666,
        wallet: address.parse(Wallet.createRandom().address),
        senders: [],
      },
    );
    return new SlashingScene(folder, [home, away], chains, keys, deployment);
  }

  get slashing() {
    return Slashing__factory.connect(this.contracts.slashing, this.provider);
  }

  get registry() {
    return ValidatorRegistry__factory.connect(this.contracts.registry, this.provider);
  }

  /** A new account with money for fees. */
  async newWallet(): Promise<Wallet> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    const rich = await this.provider.getSigner(0);
    await (await rich.sendTransaction({ to: wallet.address, value: parseEther("1") })).wait();
    return wallet;
  }

  /** What a validator says about a nonce of a lane. */
  async attestation(
    key: LocalSigningKey,
    nonce: bigint,
    accumulator: Hash,
    { lane = laneOf("any"), epoch = 1n }: Partial<Statement> = {},
  ): Promise<Attestation> {
    const statement = { domain: this.domain, lane, nonce, accumulator, epoch };
    return { ...statement, validator: key.publicKey, signature: await key.sign(digestOf(statement)) };
  }

  async stop(): Promise<void> {
    for (const { provider, running } of this.#nodes) {
      provider.destroy();
      running.child.kill("SIGKILL");
      await running.ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** Starts a node that makes a block every tenth of a second, or as often as asked. */
export async function startNode(folder: string, id: ChainId, blockSeconds = 0.1): Promise<Node> {
  const data = join(folder, `chain-${id}`);
  const options = ["--chain-id", String(id), "--block-seconds", String(blockSeconds), "--data", data];
  const running = start(process.execPath, [join(repository, "scripts/chain-node.ts"), ...options]);
  await until("the node serves", () => running.stdout().includes("\n"));
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(running.stdout()));
  const url = `http://127.0.0.1:${port}`;
  const settings = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 };
  return { running, url, provider: new JsonRpcProvider(url, id, settings) };
}
