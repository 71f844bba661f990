import { concat, getBytes, hexlify, id as keccakOfText } from "ethers";
import type {
  Deposit,
  Evidence,
  Expectations,
  FormedEvidence,
  Movement,
  Outcome,
  Place,
  SigningEvidence,
} from "../../../relayer/chaos/core/checker/evidence.ts";
import { digestOf, domainOf } from "../../../relayer/domain/attestation.ts";
import type { Quorum, Statement } from "../../../relayer/domain/bridge.ts";
import { publicKeyOf, sign, withHint } from "../../../relayer/domain/ed25519.ts";
import {
  address,
  bytes,
  type ChainId,
  hash,
  type Hash,
  laneId,
  publicKey,
  type PublicKey,
} from "../../../relayer/domain/ids.ts";
import { advance, emptyLane, fold, laneFrom, messageIdOf } from "../../../relayer/domain/message.ts";
import { setHash } from "../../../relayer/domain/validator-set.ts";
import { A, B, ed25519Set } from "./bridge.ts";
import { carried, type FakeChain, mine, newChain } from "./checker-chain.ts";

const secrets = Array.from({ length: 4 }, (_, i) => getBytes(keccakOfText(`checker validator ${i}`)));
const bridges = {
  [A]: address.parse("0x00000000000000000000000000000000000000ca"),
  [B]: address.parse("0x00000000000000000000000000000000000000cb"),
};
const REGISTRY = address.parse("0x0000000000000000000000000000000000000abc");
const LOCKED_SCALE = 1_000n;
const MINTED_SCALE = 10n;

/** What a test asks a history for. Chains are 0 and 1. */
export type Step =
  | { readonly kind: "message"; readonly from: 0 | 1; readonly payload: string }
  | { readonly kind: "transfer"; readonly from: 0 | 1; readonly shared: bigint }
  /** At most so many messages; of the rest so many go along by their ids. */
  | {
      readonly kind: "deliver";
      readonly to: 0 | 1;
      readonly most: number;
      readonly later: number;
      /** Whether the set before the current one signs, during its overlap. */
      readonly byPrevious: boolean;
    }
  /** The same, but the first recipient refuses, and takes it on a retry. */
  | { readonly kind: "refuse"; readonly to: 0 | 1 }
  | { readonly kind: "rotate" };

/** Two chains, their validators and a token, as they are when everybody is honest: what they log, and the state that they have. */
export class HonestHistory {
  readonly validators: readonly { readonly key: PublicKey; readonly secret: Uint8Array }[] = secrets
    .map((secret) => ({ secret, key: publicKey.parse(hexlify(publicKeyOf(secret))) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  readonly chains: readonly [FakeChain, FakeChain] = [newChain(A, "A"), newChain(B, "B")];
  readonly formed: FormedEvidence[] = [];
  readonly #records = new Map<string, { accumulator: Hash; epoch: bigint }>();
  readonly #moved = new Map<ChainId, { readonly sent: Movement[]; readonly settled: Movement[] }>();
  #locked = 0n;
  #minted = 0n;

  constructor() {
    this.#form();
    for (const chain of this.chains) this.#activate(chain, 1n, mine(chain));
  }

  run(steps: readonly Step[]): this {
    for (const step of steps) this.#run(step);
    return this;
  }

  /** Delivers whatever is on its way. */
  settle(): this {
    for (const to of [0, 1] as const)
      while (this.#waiting(to).length > 0) this.#deliver({ to, most: 100, later: 0, byPrevious: false });
    return this;
  }

  evidence(): Evidence {
    const side = (chain: FakeChain) => ({
      chainId: chain.chainId,
      bridge: bridges[chain.chainId] ?? REGISTRY,
      ...this.#moves(chain),
    });
    const [a, b] = this.chains;
    const locked = this.#locked;
    return {
      chains: this.chains.map((chain) => ({ ...chain, recoveries: new Set<Hash>() })),
      home: { chainId: A, registry: REGISTRY, sets: this.formed },
      tokens: [
        {
          symbol: "DEMO",
          sides: [
            {
              ...side(a),
              scale: LOCKED_SCALE,
              state: { mode: "lock", locked, balance: locked * LOCKED_SCALE },
            },
            { ...side(b), scale: MINTED_SCALE, state: { mode: "mint", supply: this.#minted * MINTED_SCALE } },
          ],
        },
      ],
      records: this.#recordsOfAll(),
      failedJobs: [],
      alerts: { episodes: [], pages: [] },
    };
  }

  /** Everything is over for long, and everything was due. */
  expectations(): Expectations {
    const end = Math.max(...this.chains.map(({ time }) => time)) * 1_000;
    return {
      checkedAt: end + 100_000,
      healedAt: end,
      executedWithin: 10_000,
      since: 0,
      alertedWithin: 1_000,
      notifiedWithin: 1_000,
    };
  }

  #run(step: Step): void {
    switch (step.kind) {
      case "message":
        this.#send(step.from, bytes.parse(step.payload), SENDER);
        return;
      case "transfer":
        this.#transfer(step.from, step.shared);
        return;
      case "deliver":
        this.#deliver(step);
        return;
      case "refuse":
        this.#refuse(step.to);
        return;
      case "rotate":
        this.#rotate();
    }
  }

  #transfer(from: 0 | 1, shared: bigint): void {
    const chain = this.chains[from];
    if (from === 1 && this.#minted < shared) return;
    if (from === 0) this.#locked += shared;
    else this.#minted -= shared;
    const deposit = this.#send(from, bytes.parse("0x00"), bridges[chain.chainId] ?? SENDER);
    const amount = shared * (from === 0 ? LOCKED_SCALE : MINTED_SCALE);
    this.#moves(chain).sent.push({ id: hash.parse(deposit.id), amount, place: deposit.place });
  }

  #send(from: 0 | 1, payload: ReturnType<typeof bytes.parse>, sender: typeof SENDER): Deposit {
    const chain = this.chains[from];
    const destination = this.chains[1 - from]?.chainId ?? B;
    const lane = laneFrom(chain.chainId, chain.outbox, destination).id;
    const head = chain.sent.get(destination) ?? emptyLane;
    const content = { nonce: head.nonce + 1n, sender, recipient: RECIPIENT, gasLimit: 200_000n, payload };
    const id = messageIdOf(lane, content);
    const accumulator = fold(head.accumulator, id);
    const place = mine(chain);
    const deposit = {
      destinationChainId: destination,
      nonce: content.nonce,
      id,
      accumulator,
      content,
      place,
    };
    chain.deposits.push(deposit);
    chain.sent.set(destination, { nonce: content.nonce, accumulator });
    return deposit;
  }

  #waiting(to: 0 | 1): readonly Deposit[] {
    const [chain, origin] = [this.chains[to], this.chains[to === 0 ? 1 : 0]];
    const done = chain.accepted.get(origin.chainId)?.nonce ?? 0n;
    return origin.deposits.filter(({ nonce }) => nonce > done);
  }

  #deliver({ to, most, later, byPrevious }: Omit<Step & { readonly kind: "deliver" }, "kind">): void {
    const waiting = this.#waiting(to);
    const batch = waiting.slice(0, most);
    if (batch.length === 0) return;
    const place = this.#accept(to, batch, waiting.slice(most, most + later), byPrevious);
    for (const [i, deposit] of batch.entries())
      this.#outcome(to, "executed", deposit, { ...place, logIndex: i + 1 });
  }

  #refuse(to: 0 | 1): void {
    const [first] = this.#waiting(to);
    if (first?.content?.sender !== SENDER) return;
    const [chain, origin] = [this.chains[to], this.chains[to === 0 ? 1 : 0]];
    const place = this.#accept(to, [first], []);
    this.#outcome(to, "failed", first, { ...place, logIndex: 1 });
    const retried = mine(chain);
    const { nonce, ...message } = first.content;
    chain.calls.set(retried.transactionHash, {
      kind: "retry",
      originChainId: origin.chainId,
      nonce,
      message,
    });
    this.#outcome(to, "executed", first, retried);
  }

  #accept(to: 0 | 1, batch: readonly Deposit[], later: readonly Deposit[], byPrevious = false): Place {
    const [chain, origin] = [this.chains[to], this.chains[to === 0 ? 1 : 0]];
    const head = chain.accepted.get(origin.chainId) ?? emptyLane;
    const ids = [...batch, ...later].map(({ id }) => id);
    const lane = laneFrom(origin.chainId, origin.outbox, chain.chainId).id;
    const quorum = this.#attest(chain, { lane, ...advance(head, ids) }, byPrevious);
    const place = mine(chain);
    const accepted = advance(head, ids.slice(0, batch.length));
    const { epoch } = quorum.set;
    chain.acceptances.push({
      originChainId: origin.chainId,
      ...accepted,
      epoch,
      signers: quorum.signers,
      place,
    });
    chain.accepted.set(origin.chainId, accepted);
    chain.calls.set(place.transactionHash, {
      kind: "deliver",
      originChainId: origin.chainId,
      firstNonce: head.nonce + 1n,
      messages: batch.map(carried),
      later: later.map(({ id }) => id),
      quorum,
    });
    return place;
  }

  #outcome(to: 0 | 1, kind: Outcome["kind"], { id, nonce, content }: Deposit, place: Place): void {
    const [chain, origin] = [this.chains[to], this.chains[to === 0 ? 1 : 0]];
    chain.outcomes.push({ kind, id, originChainId: origin.chainId, nonce, place });
    if (content?.sender !== bridges[origin.chainId]) return;
    const sent = this.#moves(origin).sent.find((each) => each.id === hash.parse(id));
    const shared = (sent?.amount ?? 0n) / (to === 1 ? LOCKED_SCALE : MINTED_SCALE);
    const amount = shared * (to === 0 ? LOCKED_SCALE : MINTED_SCALE);
    this.#moves(chain).settled.push({ id: hash.parse(id), amount, place });
    if (to === 0) this.#locked -= shared;
    else this.#minted += shared;
  }

  #rotate(): void {
    const epoch = this.#form();
    const set = this.formed.at(-1)?.set;
    if (set === undefined) return;
    for (const chain of this.chains) {
      const lane = laneFrom(A, REGISTRY, chain.chainId).id;
      const quorum = this.#attest(chain, { lane, nonce: epoch, accumulator: setHash(set) });
      const place = mine(chain);
      chain.calls.set(place.transactionHash, { kind: "rotate", next: set, quorum });
      this.#activate(chain, epoch, place);
    }
  }

  #form(): bigint {
    const epoch = BigInt(this.formed.length + 1);
    // The last one is out of every other set.
    const members = this.validators.slice(0, epoch % 2n === 0n ? 3 : 4).map(({ key }) => key);
    const set = { ...ed25519Set(members, 3), epoch, overlap: 1_000 };
    this.formed.push({ set, stakes: new Map(members.map((key) => [key, 100n])) });
    return epoch;
  }

  #activate(chain: FakeChain, epoch: bigint, place: Place): void {
    const set = this.formed[Number(epoch) - 1]?.set;
    if (set !== undefined) chain.activations.push({ set, place });
  }

  /** The word of the chain's current set, or of the one before, by its first three members. */
  #attest(chain: FakeChain, statement: Omit<Statement, "domain" | "epoch">, byPrevious = false): Quorum {
    const [current, previous] = chain.activations.toReversed();
    const set = (byPrevious ? (previous ?? current) : current)?.set;
    if (set === undefined) throw new Error("no set is active");
    const signers = this.validators.slice(0, 3);
    const domain = domainOf(chain.chainId, chain.inbox);
    for (const { key } of signers)
      this.#records.set(`${key} ${domain} ${statement.lane} ${statement.nonce}`, {
        accumulator: statement.accumulator,
        epoch: set.epoch,
      });
    return { set, ...this.word({ ...statement, domain, epoch: set.epoch }, [0, 1, 2]) };
  }

  /** What validators say of a statement, by their places in the set of all. */
  word(statement: Statement, indices: readonly number[]): Omit<Quorum, "set"> {
    const digest = getBytes(digestOf(statement));
    const signatures = indices.map((i) =>
      withHint(sign(digest, this.validators[i]?.secret ?? new Uint8Array())),
    );
    const signers = indices.reduce((bitmap, i) => bitmap | (1n << BigInt(i)), 0n);
    return { signers, signature: bytes.parse(concat(signatures)) };
  }

  #moves(chain: FakeChain) {
    const moved = this.#moved.get(chain.chainId) ?? { sent: [], settled: [] };
    this.#moved.set(chain.chainId, moved);
    return moved;
  }

  #recordsOfAll(): readonly SigningEvidence[] {
    const lanes = Map.groupBy(this.#records, ([key]) => key.split(" ").slice(0, 3).join(" "));
    return [...lanes].map(([place, entries]) => {
      const [validator, domain, lane] = place.split(" ");
      const signed = new Map(entries.map(([key, record]) => [BigInt(key.split(" ")[3] ?? "0"), record]));
      return {
        source: `records of ${validator ?? "?"}`,
        validator: publicKey.parse(validator),
        domain: hash.parse(domain),
        lane: laneId.parse(lane),
        lowWaterMark: 0n,
        signed,
      };
    });
  }
}

const SENDER = address.parse("0x00000000000000000000000000000000000000aa");
const RECIPIENT = address.parse("0x00000000000000000000000000000000000000bb");
