import { z } from "zod";
import type { RunningRole } from "../../platform/role-files.ts";
import { SharedLook } from "../../platform/shared-look.ts";
import type { Sample } from "../core/halting.ts";
import type { Observer } from "../ports.ts";
import type { FlowWatch } from "./flow-watch.ts";

/** How long a role may take to say how it is, in milliseconds. */
const PATIENCE_MILLISECONDS = 1_000;
/** How often roles are asked, in milliseconds: to answer costs each of them work, and what looks must not become the load. */
const ROLES_MILLISECONDS = 1_000;
const DEAD_LETTERS = /^dchat_queue_dead_letters_total(?:\{[^}]*\})? (\d+)$/gm;
const alerts = z.array(
  z.object({ labels: z.looseObject({ alertname: z.string() }), status: z.object({ state: z.string() }) }),
);
/** Alerts that tell of chaos, and not of what it does. */
const OWN_ALERTS = "Chaos";

/** Where a fleet shows itself. */
export type FleetViews = {
  /** The roles that run now. */
  readonly roles: () => readonly RunningRole[];
  /** Alerting's API; undefined where nobody alerts. */
  readonly alertingUrl: string | undefined;
  /** How far back throughput and latency look, in milliseconds. */
  readonly windowMilliseconds: number;
};

type SeenFlow = Pick<FlowWatch, "flow" | "inFlight" | "firstExecutedAfter">;
type RolesSaid = { readonly readyShare: number; readonly failedJobs: number };

/** What can be seen of a fleet: messages by both chains' logs, the roles by what they say of themselves, alerts by alerting's API. */
export class FleetObserver implements Observer {
  readonly #flow: SeenFlow;
  readonly #views: FleetViews;
  /** The most roles that were ever seen: one that is gone is not ready. */
  #most = 0;
  /** Dead letters by the process that counted them: one that is started anew counts from nothing. */
  readonly #deadLetters = new Map<number, number>();
  #deadBefore: number | undefined;
  readonly #roles: SharedLook<RolesSaid>;

  constructor(flow: SeenFlow, views: FleetViews) {
    this.#flow = flow;
    this.#views = views;
    this.#roles = new SharedLook(() => this.#askRoles(), ROLES_MILLISECONDS);
  }

  async sample(): Promise<Sample> {
    const { throughput, latencyP95 } = this.#flow.flow(this.#views.windowMilliseconds);
    const [{ readyShare, failedJobs }, firingAlerts] = await Promise.all([
      this.#roles.get(),
      this.#firingAlerts(),
    ]);
    return {
      at: Date.now(),
      values: {
        ...{ throughput, latencyP95, backlog: this.#flow.inFlight(), readyShare, failedJobs },
        ...(firingAlerts === undefined ? {} : { firingAlerts }),
      },
    };
  }

  firstExecutedAfter(moment: number): number | undefined {
    return this.#flow.firstExecutedAfter(moment);
  }

  inFlight(sentBefore?: number): number {
    return this.#flow.inFlight(sentBefore);
  }

  async #askRoles(): Promise<RolesSaid> {
    const [readyShare, failedJobs] = await Promise.all([this.#readyShare(), this.#failedJobs()]);
    return { readyShare, failedJobs };
  }

  async #readyShare(): Promise<number> {
    const roles = this.#views.roles();
    this.#most = Math.max(this.#most, roles.length);
    const ready = await Promise.all(roles.map(async ({ url }) => (await get(`${url}/readyz`))?.ok === true));
    return this.#most === 0 ? 0 : ready.filter(Boolean).length / this.#most;
  }

  /** How many jobs failed for good since the first look. */
  async #failedJobs(): Promise<number> {
    await Promise.all(
      this.#views.roles().map(async ({ pid, url }) => {
        const page = await (await get(`${url}/metrics`))?.text();
        if (page === undefined) return;
        const counts = [...page.matchAll(DEAD_LETTERS)].map(([, count]) => Number(count));
        this.#deadLetters.set(
          pid,
          counts.reduce((sum, count) => sum + count, 0),
        );
      }),
    );
    const all = [...this.#deadLetters.values()].reduce((sum, count) => sum + count, 0);
    this.#deadBefore ??= all;
    return all - this.#deadBefore;
  }

  async #firingAlerts(): Promise<number | undefined> {
    const { alertingUrl } = this.#views;
    if (alertingUrl === undefined) return undefined;
    const answer = await get(`${alertingUrl}/api/v2/alerts`);
    if (answer?.ok !== true) return undefined;
    const found = alerts.safeParse(await answer.json());
    return found.data?.filter(
      ({ status, labels }) => status.state === "active" && !labels.alertname.startsWith(OWN_ALERTS),
    ).length;
  }
}

/** What does not answer in time, or at all, is undefined: that is what is being measured. */
async function get(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) }).catch(() => undefined);
}
