import { DchatError, explain } from "../../../domain/errors.ts";
import type { Address, ChainName, LaneId, PublicKey } from "../../../domain/ids.ts";
import { orAborted } from "../../../platform/abort.ts";
import type { QueueView } from "../../../platform/queue-admin.ts";
import type { ValidatorList } from "../../list-schema.ts";
import type { StatusView } from "../../schema.ts";
import {
  type AccountFact,
  accountKey,
  type AlertCounts,
  type FleetFacts,
  type HoldingFact,
  type LaneEdge,
  type MetricFacts,
  type Part,
  type RoleFact,
} from "./facts.ts";

/** How long one source may take, in milliseconds; what it says later counts at the next look. */
const PATIENCE_MILLISECONDS = 4_000;

/** How long an answer is good for, in milliseconds: what costs others much is not asked every second. */
const GOOD_FOR = { metrics: 2_000, roles: 5_000, accounts: 5_000, holdings: 5_000 };

/** Where facts come from. Each may throw. */
export type FleetSources = {
  readonly status: () => Promise<StatusView>;
  /** Where a lane stands whose last accepted message has this nonce. */
  readonly edge: (lane: LaneId, accepted: bigint) => Promise<LaneEdge>;
  /** Who attested, in this epoch, to anything of a lane above this nonce. */
  readonly signers: (lane: LaneId, accepted: bigint, epoch: bigint) => Promise<ReadonlySet<PublicKey>>;
  readonly validators: () => Promise<ValidatorList>;
  readonly queues: () => Promise<readonly QueueView[]>;
  readonly roles: () => Promise<readonly RoleFact[]>;
  readonly metrics: () => Promise<MetricFacts>;
  readonly account: (chain: ChainName, account: Address) => Promise<AccountFact>;
  readonly holdings: () => Promise<readonly HoldingFact[]>;
  readonly alerts: () => Promise<AlertCounts>;
};

const NOBODY: ReadonlySet<PublicKey> = new Set();

/** Asks every source at once; the failure of one leaves the others as they are. */
export class Gatherer {
  readonly #now: () => number;
  readonly #sources: { readonly [Name in keyof Omit<FleetFacts, "at">]: Source<SaidBy<Name>> };

  constructor(sources: FleetSources, now: () => number) {
    this.#now = now;
    const status = new Source(sources.status);
    const source = <T>(ask: () => Promise<T>, goodFor: number) => new Source(ask, { goodFor, now });
    const metrics = source(sources.metrics, GOOD_FOR.metrics);
    this.#sources = {
      status,
      metrics,
      edges: new Source(async () => {
        const { lanes } = await status.value();
        const edges = lanes.map(async ({ id, accepted }) => [id, await sources.edge(id, accepted)] as const);
        return new Map(await Promise.all(edges));
      }),
      signers: new Source(async () => {
        const { lanes, chains } = await status.value();
        const epochs = new Map(chains.map(({ name, validatorSet }) => [name, validatorSet.epoch]));
        const signers = lanes.map(async ({ id, to, sent, accepted }) => {
          const isWaiting = sent > accepted;
          return [
            id,
            isWaiting ? await sources.signers(id, accepted, epochs.get(to) ?? 0n) : NOBODY,
          ] as const;
        });
        return new Map(await Promise.all(signers));
      }),
      accounts: source(async () => {
        const { senders } = await metrics.value();
        const accounts = senders.map(async ({ chain, account }) => {
          return [accountKey(chain, account), await sources.account(chain, account)] as const;
        });
        return new Map(await Promise.all(accounts));
      }, GOOD_FOR.accounts),
      validators: new Source(sources.validators),
      queues: new Source(sources.queues),
      roles: source(sources.roles, GOOD_FOR.roles),
      holdings: source(sources.holdings, GOOD_FOR.holdings),
      alerts: new Source(sources.alerts),
    };
  }

  async gather(): Promise<FleetFacts> {
    const { status, metrics, edges, signers, accounts, validators, queues, roles, holdings, alerts } =
      this.#sources;
    // What others build on is asked first, so that they join in.
    const parts = await Promise.all([
      ...([status.part(), metrics.part(), edges.part(), signers.part(), accounts.part()] as const),
      ...([validators.part(), queues.part(), roles.part(), holdings.part(), alerts.part()] as const),
    ] as const);
    return {
      at: this.#now(),
      ...{ status: parts[0], metrics: parts[1], edges: parts[2], signers: parts[3], accounts: parts[4] },
      ...{ validators: parts[5], queues: parts[6], roles: parts[7], holdings: parts[8], alerts: parts[9] },
    };
  }
}

/** What the source of a part says. */
type SaidBy<Name extends keyof Omit<FleetFacts, "at">> = Extract<
  FleetFacts[Name],
  { readonly value: unknown }
>["value"];

/**
 * One source, which is never asked a second time while it has not answered: whoever asks meanwhile waits for the same answer. Failures are
 * kept for nobody.
 */
class Source<T> {
  readonly #ask: () => Promise<T>;
  readonly #keeping: { readonly goodFor: number; readonly now: () => number } | undefined;
  #running: Promise<T> | undefined;
  #kept: { readonly value: T; readonly at: number } | undefined;

  constructor(ask: () => Promise<T>, keeping?: { readonly goodFor: number; readonly now: () => number }) {
    this.#ask = ask;
    this.#keeping = keeping;
  }

  value(): Promise<T> {
    const { goodFor = 0, now } = this.#keeping ?? {};
    if (now !== undefined && this.#kept !== undefined && now() - this.#kept.at < goodFor)
      return Promise.resolve(this.#kept.value);
    this.#running ??= this.#askAnew().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #askAnew(): Promise<T> {
    const value = await this.#ask();
    if (this.#keeping !== undefined) this.#kept = { value, at: this.#keeping.now() };
    return value;
  }

  async part(): Promise<Part<T>> {
    try {
      return { value: await orAborted(this.value(), AbortSignal.timeout(PATIENCE_MILLISECONDS)) };
    } catch (error) {
      if (error instanceof DOMException)
        return { problem: `There was no answer within ${PATIENCE_MILLISECONDS / 1_000} s` };
      return { problem: error instanceof DchatError ? error.message : explain(error) };
    }
  }
}
