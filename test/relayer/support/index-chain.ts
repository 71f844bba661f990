import { ZeroAddress, ZeroHash } from "ethers";
import type { ChainId, ChainName, Hash } from "../../../relayer/domain/ids.ts";
import { address, chainName, laneId, messageId, publicKey } from "../../../relayer/domain/ids.ts";
import type { FactPlace, Facts } from "../../../relayer/indexer/core/facts.ts";
import type { Heights, IndexedBlock, IndexedChain, Range } from "../../../relayer/indexer/ports.ts";
import { A, B, hashOf } from "./bridge.ts";

/** What a block of {@link FakeIndexedChain} holds. Ids count from 0; the same id is the same message, validator or escrow. */
export type BlockContent = readonly (
  | { readonly kind: "sent" | "executed" | "failed"; readonly id: number }
  | { readonly kind: "joined" | "slashed" | "jailed" | "exited"; readonly id: number }
  | { readonly kind: "created" | "delivered" | "released"; readonly id: number }
)[];

const alice = address.parse("0x00000000000000000000000000000000000000A1");

/** A chain whose blocks say what a test wants, and that can be reorganised. */
export class FakeIndexedChain implements IndexedChain {
  readonly chainId: ChainId;
  readonly name: ChainName;
  readonly deploymentBlock = 0;
  final = -1;
  #blocks: { readonly header: IndexedBlock; readonly content: BlockContent; readonly branch: string }[] = [];

  constructor(chainId: ChainId = A) {
    this.chainId = chainId;
    this.name = chainName.parse(chainId === A ? "A" : "B");
  }

  /** Puts blocks on top; those of another branch have other hashes. */
  mine(branch: string, contents: readonly BlockContent[]): void {
    for (const content of contents) {
      const number = this.#blocks.length;
      const parentHash = this.#blocks.at(-1)?.header.hash ?? hashOf("genesis");
      const hash = hashOf(`${parentHash} ${branch} ${JSON.stringify(content)}`);
      this.#blocks.push({ header: { number, hash, parentHash, time: 1_000 + number }, content, branch });
    }
  }

  /** Takes all but the first `keep` blocks away. */
  cut(keep: number): void {
    this.#blocks = this.#blocks.slice(0, keep);
  }

  heights(): Promise<Heights> {
    const hash = this.#blocks.at(-1)?.header.hash ?? hashOf("genesis");
    return Promise.resolve({ head: this.#blocks.length - 1, hash, final: this.final });
  }

  block(number: number): Promise<IndexedBlock | undefined> {
    return Promise.resolve(this.#blocks[number]?.header);
  }

  range(from: number, to: number, parent: Hash | undefined): Promise<Range | undefined> {
    const some = this.#blocks.slice(from, to + 1);
    const end = some.at(-1)?.header;
    if (end?.number !== to || (parent !== undefined && some[0]?.header.parentHash !== parent))
      return Promise.resolve(undefined);
    const facts = factsOf(this.chainId, some);
    return Promise.resolve({ blocks: some.map(({ header }) => header), end, facts });
  }
}

type Mutable = { -readonly [Key in keyof Facts]: Facts[Key][number][] };

function factsOf(
  chainId: ChainId,
  blocks: readonly { readonly header: IndexedBlock; readonly content: BlockContent }[],
): Facts {
  const facts: Mutable = {
    messages: [],
    outcomes: [],
    validatorEvents: [],
    validatorSets: [],
    slashings: [],
    escrowEvents: [],
  };
  for (const { header, content } of blocks)
    for (const [logIndex, { kind, id }] of content.entries()) {
      const transactionHash = hashOf(`${header.hash} ${logIndex}`);
      const place = {
        chainId,
        blockNumber: header.number,
        logIndex,
        blockTime: header.time,
        transactionHash,
      };
      add(facts, place, kind, id);
    }
  return facts;
}

function add(facts: Mutable, place: FactPlace, kind: BlockContent[number]["kind"], id: number): void {
  const message = messageId.parse(hashOf(`message ${id}`));
  const nonce = BigInt(id) + 1n;
  const none = { account: null, amount: null, bond: null, jailedUntil: null, holds: null, blsKeyHash: null };
  const key = publicKey.parse(hashOf(`validator ${id}`));
  const escrow = (name: string, details: unknown) =>
    facts.escrowEvents.push({ ...place, escrowId: hashOf(`escrow ${id}`), name, details });
  const validator = { ...place, key, ...none };
  switch (kind) {
    case "sent":
      facts.messages.push({
        ...place,
        id: message,
        lane: laneId.parse(hashOf("lane")),
        destinationChainId: B,
        nonce,
        sender: alice,
        recipient: alice,
        gasLimit: 200_000n,
        token: id % 2 === 0 ? alice : null,
        tokenSender: null,
        tokenRecipient: null,
        amount: id % 2 === 0 ? 2n ** 256n - 1n : null,
      });
      break;
    case "executed":
    case "failed":
      facts.outcomes.push({ ...place, messageId: message, originChainId: A, nonce, kind, reason: null });
      break;
    case "joined":
      facts.validatorEvents.push({ ...validator, name: "ValidatorJoined", account: alice, bond: 100n });
      break;
    case "slashed":
      facts.validatorEvents.push({ ...validator, name: "BondSlashed", amount: 5n });
      break;
    case "jailed":
      facts.validatorEvents.push({ ...validator, name: "ValidatorJailed", jailedUntil: 9_999n });
      break;
    case "exited":
      facts.validatorEvents.push({ ...validator, name: "ValidatorExited" });
      break;
    case "created":
      escrow("Created", { buyer: alice, seller: alice, terms });
      break;
    case "delivered":
      escrow("Delivered", { milestone: "0" });
      break;
    case "released":
      escrow("Released", { milestone: "0", amount: "7", remaining: "0" });
      break;
  }
}

const terms = {
  buyer: alice,
  token: ZeroAddress,
  arbiter: ZeroAddress,
  amount: "7",
  rules: "0",
  metadata: ZeroHash,
  milestones: [],
  payees: [`${alice.toLowerCase()}${"2710".padStart(24, "0")}`],
};
