/*
The TypeScript state machine is held to the contract: random terms, random commands by random actors at the edges of the
windows. After each: the same error with the same arguments, or the same slot and the same payments. Besides, the slot
is rebuilt from the events alone.
*/
import { expect } from "chai";
import fc from "fast-check";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  create,
  isOpen,
  NO_ESCROW,
  step,
  type Command,
  type Step,
} from "../../../relayer/escrow/core/machine.ts";
import type { EscrowError, Result } from "../../../relayer/escrow/core/errors.ts";
import { applyEvent, type EscrowEvent } from "../../../relayer/escrow/core/rebuild.ts";
import { packTerms, type PackedTerms } from "../../../relayer/escrow/core/terms.ts";
import {
  type Escrow,
  type EscrowId,
  type Hex,
  Silence,
  type Terms,
} from "../../../relayer/escrow/core/types.ts";
import { dueAt } from "../../../relayer/escrow/core/windows.ts";
import { at, DAY, ethers, idOf, makeTerms, payees, world, type World } from "./fixture.ts";

const RUNS = 120;
const COMMANDS = 20;
const OVERRIDES = { gasLimit: 3_000_000n };

interface Model {
  readonly terms: Terms;
  readonly id: EscrowId;
  escrow: Escrow;
  rebuilt: Escrow;
  now: bigint;
  readonly balances: Map<Hex, bigint>;
}

interface Real {
  readonly w: World;
  readonly packed: PackedTerms;
}

const actors = ["buyer", "seller", "arbiter", "keeper"] as const;
const kinds = [
  "deliver",
  "release",
  "releasePartial",
  "refund",
  "refundPartial",
  "dispute",
  "submitEvidence",
  "publishAgreement",
  "resolve",
  "expire",
] as const;

interface Move {
  readonly kind: (typeof kinds)[number];
  /** Mostly whoever is entitled, sometimes anybody. */
  readonly actor: (typeof actors)[number] | "entitled";
  /** Per cent of what remains, and wei on top. */
  readonly percent: bigint;
  readonly extra: bigint;
  readonly when: "soon" | "before" | "due" | "after";
}

const entitled: Record<Move["kind"], (typeof actors)[number]> = {
  deliver: "seller",
  release: "buyer",
  releasePartial: "buyer",
  refund: "seller",
  refundPartial: "seller",
  dispute: "buyer",
  submitEvidence: "seller",
  publishAgreement: "seller",
  resolve: "arbiter",
  expire: "keeper",
};

function timeOfMove({ when }: Move, model: Model): bigint {
  const due = dueAt(model.terms, model.escrow);
  const wanted = { soon: model.now + 1n, before: due - 1n, due, after: due + 1n }[when];
  return wanted > model.now ? wanted : model.now + 1n;
}

function commandOf(move: Move, model: Model, actor: Hex): Command {
  const amount = (model.escrow.remaining * move.percent) / 100n + move.extra;
  switch (move.kind) {
    case "releasePartial":
    case "refundPartial":
      return { kind: move.kind, actor, amount };
    case "resolve":
      return { kind: move.kind, actor, toBuyer: amount };
    case "deliver":
    case "release":
    case "refund":
    case "dispute":
    case "submitEvidence":
    case "publishAgreement":
    case "expire":
      return { kind: move.kind, actor };
  }
}

async function send({ w, packed }: Real, command: Command, signer: HardhatEthersSigner) {
  const escrow = w.escrow.connect(signer);
  switch (command.kind) {
    case "deliver":
    case "release":
    case "refund":
    case "expire":
      return escrow[command.kind](packed, OVERRIDES);
    case "dispute":
      return escrow.fileDispute(packed, OVERRIDES);
    case "releasePartial":
    case "refundPartial":
      return escrow[command.kind](packed, command.amount, OVERRIDES);
    case "submitEvidence":
    case "publishAgreement":
      return escrow[command.kind](packed, "ipfs://x", OVERRIDES);
    case "resolve":
      return escrow.resolve(packed, command.toBuyer, OVERRIDES);
  }
}

/** The name and arguments of the custom error that a transaction failed with. */
function revertOf(w: World, error: unknown): readonly unknown[] {
  const data = (error as { data?: unknown }).data;
  const parsed = typeof data === "string" ? w.escrow.interface.parseError(data) : null;
  if (parsed === null) throw error;
  return [parsed.name, ...parsed.args.toArray().map(plain)];
}

function plain(value: unknown): unknown {
  return typeof value === "number" ? BigInt(value) : value;
}

function errorOf(error: EscrowError): readonly unknown[] {
  return Object.values(error).map(plain);
}

async function viewOf(w: World, id: EscrowId) {
  const { state, milestone, since, buyerSequence, sellerSequence, remaining } = await w.escrow.escrowOf(id);
  return { state: Number(state), milestone, since, buyerSequence, sellerSequence, remaining };
}

/** The events of the last block, in the words of the rebuilder. */
async function eventsOfLastBlock(w: World): Promise<EscrowEvent[]> {
  const logs = await ethers.provider.getLogs({ address: w.escrow, fromBlock: "latest", toBlock: "latest" });
  const events = logs.map((log) => w.escrow.interface.parseLog(log)).filter((event) => event !== null);
  const known = events.filter(
    ({ name }) => !["Dispute", "Evidence", "MetaEvidence", "Tipped"].includes(name),
  );
  return known.map(({ name, args }) => ({ ...args.toObject(), name }) as EscrowEvent);
}

async function compare(w: World, model: Model, time: bigint): Promise<void> {
  for (const event of await eventsOfLastBlock(w))
    model.rebuilt = applyEvent(model.terms, model.rebuilt, event, time);
  expect(await viewOf(w, model.id)).to.deep.equal(model.escrow);
  expect(model.rebuilt).to.deep.equal(model.escrow);
  for (const [holder, balance] of model.balances) expect(await w.token.balanceOf(holder)).to.equal(balance);
  expect(await w.token.balanceOf(w.escrow)).to.equal(model.escrow.remaining);
}

function accept(model: Model, { escrow, payments }: Step): void {
  model.escrow = escrow;
  for (const { to, amount } of payments) model.balances.set(to, (model.balances.get(to) ?? 0n) + amount);
}

class Operation implements fc.AsyncCommand<Model, Real> {
  readonly move: Move;

  constructor(move: Move) {
    this.move = move;
  }

  /** On a closed escrow everything fails alike, so only few commands try it. */
  check({ escrow }: Readonly<Model>): boolean {
    return isOpen(escrow) || this.move.percent >= 95n;
  }

  async run(model: Model, real: Real): Promise<void> {
    const { w } = real;
    const { move } = this;
    const signer = w[move.actor === "entitled" ? entitled[move.kind] : move.actor];
    const time = timeOfMove(move, model);
    const command = commandOf(move, model, signer.address);
    const expected: Result<Step> = step({ ...model, now: time }, command);
    await at(time);
    model.now = time;
    const failure = await send(real, command, signer).then(
      () => undefined,
      (error: unknown) => revertOf(w, error),
    );
    expect(failure).to.deep.equal(expected.ok ? undefined : errorOf(expected.error));
    if (expected.ok) accept(model, expected.value);
    await compare(w, model, time);
  }

  toString(): string {
    const { kind, actor, percent, extra, when } = this.move;
    return `${kind}(by ${actor}, ${percent} % + ${extra}, ${when})`;
  }
}

const moves = fc
  .record({
    kind: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          "deliver",
          "dispute",
          "expire",
          "resolve",
          "releasePartial",
          "refundPartial",
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom(...kinds) },
    ),
    actor: fc.oneof({ weight: 4, arbitrary: fc.constant("entitled" as const) }, fc.constantFrom(...actors)),
    percent: fc.oneof({ weight: 3, arbitrary: fc.bigInt(0n, 30n) }, fc.bigInt(0n, 100n)),
    extra: fc.constantFrom(0n, 1n),
    when: fc.oneof(
      { weight: 3, arbitrary: fc.constant("soon" as const) },
      fc.constantFrom("before", "due", "after"),
    ),
  })
  .map((move) => new Operation(move as Move));

interface Shape {
  readonly amount: bigint;
  readonly weights: readonly bigint[];
  readonly parts: number;
  readonly onSilence: (typeof Silence)[keyof typeof Silence];
  readonly defaultSplit: bigint;
  readonly tip: bigint;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  amount: fc.oneof(fc.bigInt(3n, 20n), fc.bigInt(3n, 10n ** 9n)),
  weights: fc.array(fc.bigInt(1n, 3_000n), { maxLength: 2 }),
  parts: fc.constantFrom(0, 1, 3),
  onSilence: fc.constantFrom(Silence.PaysSeller, Silence.PaysSeller, Silence.PaysBuyer),
  defaultSplit: fc.bigInt(0n, 10_000n),
  tip: fc.constantFrom(0n, 1n, 500n),
});

function termsOf(w: World, { amount, weights, parts, onSilence, defaultSplit, tip }: Shape): Terms {
  const others = [w.payee1.address, w.payee2.address].slice(0, weights.length);
  const shares = others.map((account, i) => [account, weights[i] ?? 0n] as const);
  const sellers = 10_000n - weights.reduce((sum, weight) => sum + weight, 0n);
  const milestones = Array.from({ length: parts }, (_, i) => ({
    amount: i === parts - 1 ? amount - BigInt(parts - 1) : 1n,
    deliverBy: w.start + 30n * DAY - BigInt(parts - 1 - i) * 8n * DAY,
  }));
  return makeTerms(w, {
    amount,
    milestones,
    payees: payees([w.seller.address, sellers], ...shares),
    rules: { onSilence, defaultSplit, tip },
  });
}

async function setUp(shape: Shape): Promise<{ model: Model; real: Real }> {
  const w = await world();
  const terms = termsOf(w, shape);
  const id = idOf(w, terms);
  const holders = [w.buyer, w.seller, w.payee1, w.payee2, w.keeper, w.arbiter].map(({ address }) => address);
  const balances = new Map<Hex, bigint>();
  for (const holder of holders) balances.set(holder, await w.token.balanceOf(holder));
  balances.set(w.buyer.address, (balances.get(w.buyer.address) ?? 0n) - terms.amount);
  const now = w.start + DAY;
  const model: Model = { terms, id, escrow: NO_ESCROW, rebuilt: NO_ESCROW, now, balances };
  const created = create(model, w.deployment.escrow, w.buyer.address);
  if (!created.ok) throw new Error(`these terms should be sound: ${created.error.code}`);
  accept(model, created.value);
  const packed = packTerms(terms);
  await at(now);
  await w.escrow.connect(w.buyer).create(packed);
  await compare(w, model, now);
  return { model, real: { w, packed } };
}

describe("Escrow: the TypeScript state machine", () => {
  it("does what the contract does", async () => {
    const property = fc.asyncProperty(
      shapes,
      fc.commands([moves], { maxCommands: COMMANDS, size: "max" }),
      (shape, commands) => fc.asyncModelRun(() => setUp(shape), commands),
    );
    await fc.assert(property, { numRuns: RUNS, seed: 20_261_122, endOnFailure: true });
  });
});
