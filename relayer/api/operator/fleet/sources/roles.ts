import { request } from "undici";
import { z } from "zod";
import { fleetTargets } from "../../../../alerting/adapters/scraper.ts";
import { explain } from "../../../../domain/errors.ts";
import type { RunningRole } from "../../../../platform/role-files.ts";
import type { RoleFact } from "../facts.ts";

/** How long a role may take to say whether it is ready, in milliseconds: its own checks may take a while. */
const PATIENCE_MILLISECONDS = 3_000;
const MOST_SHOWN = 300;

const readiness = z.object({ reasons: z.array(z.object({ check: z.string(), message: z.string() })) });

/** Asks every role on this machine whether it can do its work. */
export function readRoles(roles: readonly RunningRole[]): Promise<readonly RoleFact[]> {
  const instances = fleetTargets(roles).map(({ id }) => id);
  return Promise.all(
    roles.map(async ({ role, chain, url }, i) => {
      const reasons = await reasonsOf(url);
      return {
        ...{ instance: instances[i] ?? role, role, chain: chain ?? null },
        ...{ isReady: reasons.length === 0, reasons },
      };
    }),
  );
}

async function reasonsOf(url: string): Promise<readonly string[]> {
  try {
    const answer = await request(new URL("/readyz", url), {
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    const { reasons } = readiness.parse(await answer.body.json());
    return reasons.map(({ check, message }) => `${check}: ${message}`.slice(0, MOST_SHOWN));
  } catch (error) {
    return [`it does not answer: ${explain(error)}`.slice(0, MOST_SHOWN)];
  }
}
