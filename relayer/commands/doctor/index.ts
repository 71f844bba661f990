import { z } from "zod";
import { chainsOf, type Network } from "../../domain/network.ts";
import { redactRedisUrl } from "../../domain/redis-url.ts";
import { systemClock } from "../../platform/clock.ts";
import { inspectRedis } from "../../platform/redis.ts";
import { type RunningRole, runningRoles } from "../../platform/role-files.ts";
import { Rpc } from "../../platform/rpc.ts";
import type { CommandContext } from "../context.ts";
import { apiUrl } from "../follow.ts";
import { lookAtChains } from "./chains.ts";
import { describeFindings, fail, type Finding, type Look, lookAt, ok, warn } from "./finding.ts";
import { lookAtKeys } from "./keys.ts";

/** The options of `dchat doctor`. */
export type DoctorOptions = { readonly keystore?: readonly string[] };

/**
 * `dchat doctor`: looks at everything that the fleet needs, side by side, and says what is wrong and what to do.
 * @returns whether nothing was found that stops the fleet, or costs money or data
 */
export async function doctor(
  { keystore = [] }: DoctorOptions,
  { network, signal, output }: CommandContext,
): Promise<boolean> {
  const rpcs = new Map(chainsOf(network).map((chain) => [chain.name, new Rpc(chain)] as const));
  try {
    const looks = [
      lookAtRedis(network),
      ...lookAtChains(network, rpcs, () => systemClock.now()),
      ...lookAtKeys(network, rpcs, keystore),
      lookAtApi(network),
      ...runningRoles(network.dataFolder).map(lookAtRole),
    ];
    const findings = await lookAt(looks, signal);
    const healthy = findings.every(({ level }) => level !== "fail");
    output.result({ healthy, findings }, describeFindings(findings));
    return healthy;
  } finally {
    for (const rpc of rpcs.values()) rpc.close();
  }
}

function lookAtRedis({ redisUrl }: Network): Look {
  return {
    check: `Redis ${redactRedisUrl(redisUrl)}`,
    look: async () => {
      const { policies, persists, version } = await inspectRedis(redisUrl);
      const evicting = policies.find((policy) => policy !== "noeviction");
      if (evicting !== undefined)
        return fail(
          `Its maxmemory-policy is ${evicting}, under which jobs vanish without an error; roles refuse it. Run "redis-cli config set maxmemory-policy noeviction" on every server.`,
        );
      if (persists.includes(false))
        return warn(
          "It does not log what it is given (appendonly no): when it restarts, all jobs and attestations are gone. The chains keep every message, and the watchers ask again; but that takes time. Set appendonly yes.",
        );
      return ok(`version ${version}, noeviction, appendonly`);
    },
  };
}

function lookAtApi(network: Network): Look {
  const url = apiUrl(network);
  return {
    check: `API ${url}`,
    look: async () => {
      let response: Response;
      try {
        response = await fetch(`${url}/readyz`);
      } catch {
        return warn(
          `Nothing answers at ${url}: "dchat status" and "dchat message" do not work, and messages are carried all the same. Start the role api, or correct api.port.`,
        );
      }
      return readinessOf(
        response,
        `Something else than dchat's API listens at ${url}, so the API cannot. End it, or set api.port (or DCHAT_API_PORT) to a free port.`,
      );
    },
  };
}

function lookAtRole({ role, chain, pid, url }: RunningRole): Look {
  return {
    check: `role ${chain === undefined ? role : `${role} ${chain}`} (process ${pid})`,
    look: async () =>
      readinessOf(
        await fetch(`${url}/readyz`),
        `What answers at ${url} is no role of dchat. Start the role again.`,
      ),
  };
}

const readiness = z.object({
  ok: z.boolean(),
  reasons: z.array(z.object({ check: z.string(), message: z.string() })),
});

async function readinessOf(response: Response, stranger: string): Promise<Omit<Finding, "check">> {
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) return fail(stranger);
  if (parsed.data.ok) return ok("ready");
  return fail(
    `It cannot do its work now: ${parsed.data.reasons.map(({ check, message }) => `${check}: ${message}`).join(" ")}`,
  );
}
