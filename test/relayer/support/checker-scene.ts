import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBytes, type JsonRpcSigner, Wallet } from "ethers";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { SqliteSigningRecords } from "../../../relayer/bridge/adapters/signing-records.ts";
import { assembleQuorum } from "../../../relayer/bridge/core/quorum.ts";
import { collectEvidence, type Sources } from "../../../relayer/chaos/adapters/checker/collect.ts";
import { check } from "../../../relayer/chaos/core/checker/check.ts";
import type { Violation } from "../../../relayer/chaos/core/checker/violation.ts";
import { digestOf, domainOf } from "../../../relayer/domain/attestation.ts";
import type { Ed25519Set, LaneHead, Message, Quorum } from "../../../relayer/domain/bridge.ts";
import { address, type Address, chainId, chainName, hash } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import {
  advance,
  laneFrom,
  type MessageContent,
  messageIdOf,
  readSent,
} from "../../../relayer/domain/message.ts";
import { decodeSet, encodeSet } from "../../../relayer/domain/validator-set.ts";
import { deployed } from "../../../scripts/local/deploy/account.ts";
import { deployBridge, type Deployment } from "../../../scripts/local/deploy/index.ts";
import type { ValidatorContracts } from "../../../scripts/local/deploy/validators.ts";
import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { LockingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { CountingReceiver__factory } from "../../../types/ethers-contracts/factories/mocks/CountingReceiver__factory.ts";
import { hashOf } from "./bridge.ts";
import { type Node, startNode } from "./slashing-scene.ts";

/** One of the two chains: its node, what is deployed there, and who sends there. */
export type Side = {
  readonly name: "home" | "away";
  readonly node: Node;
  readonly id: ReturnType<typeof chainId.parse>;
  readonly contracts: Deployment;
  readonly user: JsonRpcSigner;
  /** Takes every message. */
  readonly receiver: Address;
};

/** A message that left a chain. */
export type Sent = MessageContent & Pick<Message, "id">;

/** Two real chains with the bridge on them, no fleet, and a test that does by hand what the fleet does. */
export class CheckerScene {
  readonly folder: string;
  readonly home: Side;
  readonly away: Side;
  readonly validators: ValidatorContracts;
  readonly keys: readonly LocalSigningKey[];
  readonly #files: readonly string[];
  #records: readonly SqliteSigningRecords[] = [];
  #snapshots: readonly string[] = [];

  private constructor(
    folder: string,
    [home, away]: readonly [Side, Side],
    validators: ValidatorContracts,
    keys: readonly LocalSigningKey[],
  ) {
    this.folder = folder;
    this.home = home;
    this.away = away;
    this.validators = validators;
    this.keys = keys;
    this.#files = keys.map((_, i) => join(folder, `signer-${i}.sqlite`));
    this.#openRecords();
  }

  /** @param id the first of the two chain ids */
  static async start(id: number): Promise<CheckerScene> {
    const folder = mkdtempSync(join(tmpdir(), "dchat-checker-"));
    const ids = [chainId.parse(id), chainId.parse(id + 1)] as const;
    const nodes = await Promise.all(ids.map((each) => startNode(folder, each, 0)));
    const [home, away] = nodes;
    assert.ok(home !== undefined && away !== undefined);
    const keys = ["one", "two", "three"]
      .map((name) => new LocalSigningKey(getBytes(hashOf(name))))
      .toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
    const users = await Promise.all(nodes.map(({ provider }) => provider.getSigner(1)));
    const { sides, validators } = await deployBridge(
      { chainId: ids[0], provider: home.provider },
      { chainId: ids[1], provider: away.provider },
      {
        validators: keys.map((key) => ({
          key,
          operator: new Wallet(Wallet.createRandom().privateKey, home.provider),
        })),
        thresholdBps: 6_666,
        wallet: address.parse(await users[0]?.getAddress()),
        senders: [],
      },
    );
    const sideOf = async (name: Side["name"], i: 0 | 1): Promise<Side> => {
      const [node, user] = [nodes[i], users[i]];
      assert.ok(node !== undefined && user !== undefined);
      const receiver = await deployed(new CountingReceiver__factory(user).deploy());
      return { name, node, id: ids[i], contracts: sides[i], user, receiver };
    };
    return new CheckerScene(folder, [await sideOf("home", 0), await sideOf("away", 1)], validators, keys);
  }

  other({ name }: Side): Side {
    return name === "home" ? this.away : this.home;
  }

  /** Sends tokens from one side to the user of the other. */
  async transfer(from: Side, amount: bigint): Promise<Sent> {
    const to = this.other(from);
    const recipient = interoperableAddress(to.id, address.parse(await to.user.getAddress()));
    const token = BridgedToken__factory.connect(from.contracts.token, from.user);
    await (await token.approve(from.contracts.bridge, amount)).wait();
    const bridge = LockingTokenBridge__factory.connect(from.contracts.bridge, from.user);
    const receipt = await (await bridge.crosschainTransfer(recipient, amount)).wait();
    return this.#sentIn(from, receipt?.hash ?? "");
  }

  /** Sends a message to the receiver of the other side. */
  async message(from: Side, payload: string): Promise<Sent> {
    const to = this.other(from);
    const outbox = Outbox__factory.connect(from.contracts.outbox, from.user);
    const recipient = interoperableAddress(to.id, to.receiver);
    const receipt = await (await outbox.sendMessage(recipient, payload, [])).wait();
    return this.#sentIn(from, receipt?.hash ?? "");
  }

  async #sentIn(from: Side, transaction: string): Promise<Sent> {
    const outbox = Outbox__factory.connect(from.contracts.outbox, from.user);
    const receipt = await from.node.provider.getTransactionReceipt(transaction);
    const logs = await outbox.queryFilter(
      outbox.filters.MessageSent(),
      receipt?.blockNumber,
      receipt?.blockNumber,
    );
    const { nonce } = await outbox.lanes(this.other(from).id);
    const content = logs[0] && readSent(logs[0].args, nonce);
    assert.ok(content !== undefined);
    return { ...content, id: messageIdOf(this.#lane(from).id, content) };
  }

  /** Where the other side's Inbox stands. */
  async head(from: Side): Promise<LaneHead> {
    const { nonce, accumulator } = await this.#inbox(this.other(from)).lanes(from.id);
    return { nonce, accumulator: hash.parse(accumulator) };
  }

  /** What the first two validators say of messages that follow a head; in their records first, as a signer does. */
  async attest(from: Side, head: LaneHead, messages: readonly Sent[]): Promise<Quorum> {
    const to = this.other(from);
    const set = await this.#set(to);
    const point = advance(
      head,
      messages.map(({ id }) => id),
    );
    const domain = domainOf(to.id, to.contracts.inbox);
    const statement = { domain, lane: this.#lane(from).id, ...point, epoch: set.epoch };
    const signatures = new Map();
    for (const [i, key] of this.keys.slice(0, 2).entries()) {
      await this.#records[i]?.checkAndRecord(key.publicKey, statement);
      signatures.set(key.publicKey, await key.sign(digestOf(statement)));
    }
    const quorum = assembleQuorum(set, signatures);
    assert.ok(quorum !== undefined);
    return quorum;
  }

  /** Delivers messages by the word of a quorum; theirs, unless a test has another. */
  async deliver(from: Side, messages: readonly Sent[], word?: Quorum): Promise<void> {
    const head = await this.head(from);
    const { set, signers, signature } = word ?? (await this.attest(from, head, messages));
    const quorum = { set: encodeSet(set), signers, signature };
    const inbox = this.#inbox(this.other(from));
    const carried = messages.map(({ sender, recipient, gasLimit, payload }) => ({
      ...{ sender, recipient, gasLimit, payload },
    }));
    await (await inbox.deliver(from.id, head.nonce + 1n, carried, [], quorum)).wait();
  }

  /** Everything that the checker reads of this scene. */
  sources(given: Partial<Sources> = {}): Sources {
    const sideOf = ({ contracts }: Side, mode: "lock" | "mint") => ({
      token: contracts.token,
      bridge: contracts.bridge,
      mode,
    });
    return {
      chains: [this.home, this.away].map(({ name, node, id, contracts }) => ({
        chainId: id,
        name: chainName.parse(name),
        outbox: contracts.outbox,
        inbox: contracts.inbox,
        deploymentBlock: 0,
        finality: { depth: 0 },
        url: node.url,
      })),
      home: { chain: chainName.parse("home"), registry: this.validators.registry },
      tokens: {
        DEMO: {
          decimals: 18,
          sides: {
            [chainName.parse("home")]: sideOf(this.home, "lock"),
            [chainName.parse("away")]: sideOf(this.away, "mint"),
          },
        },
      },
      signingFiles: this.#files,
      alerting: undefined,
      ...given,
    };
  }

  /** What the checker finds. @param later how long after now it looks, in milliseconds; everything is due by then */
  async check(given: Partial<Sources> = {}, later = 100_000): Promise<readonly Violation[]> {
    const now = Date.now();
    const limits = { executedWithin: 60_000, since: 0, alertedWithin: 1_000, notifiedWithin: 1_000 };
    const expectations = { checkedAt: now + later, healedAt: now, ...limits };
    return check(await collectEvidence(this.sources(given)), expectations);
  }

  /** Remembers both chains and what the validators signed; {@link restore} brings that back. */
  async remember(): Promise<void> {
    for (const records of this.#records) records.close();
    for (const file of this.#files) copyFileSync(file, `${file}.kept`);
    this.#openRecords();
    this.#snapshots = await Promise.all(
      [this.home, this.away].map(async ({ node }) => String(await node.provider.send("evm_snapshot", []))),
    );
  }

  async restore(): Promise<void> {
    for (const records of this.#records) records.close();
    for (const file of this.#files) copyFileSync(`${file}.kept`, file);
    this.#openRecords();
    const sides = [this.home, this.away];
    await Promise.all(sides.map(({ node }, i) => node.provider.send("evm_revert", [this.#snapshots[i]])));
    await this.remember();
  }

  #openRecords(): void {
    this.#records = this.#files.map((file) => new SqliteSigningRecords(file, { create: true }));
  }

  async stop(): Promise<void> {
    for (const records of this.#records) records.close();
    for (const { node } of [this.home, this.away]) {
      node.provider.destroy();
      node.running.child.kill("SIGKILL");
      await node.running.ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  #inbox({ contracts, user }: Side) {
    return Inbox__factory.connect(contracts.inbox, user);
  }

  #lane(from: Side) {
    return laneFrom(from.id, from.contracts.outbox, this.other(from).id);
  }

  async #set(side: Side): Promise<Ed25519Set> {
    const inbox = this.#inbox(side);
    const logs = await inbox.queryFilter(inbox.filters.ValidatorSetActivated());
    const set = logs[0] && decodeSet(logs[0].args.set);
    assert.ok(set?.scheme === "Ed25519");
    return set;
  }
}
