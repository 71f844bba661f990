import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideContracts } from "./contracts.mjs";
import { provideDependencies } from "./dependencies.mjs";
import { provideRedis } from "./redis.mjs";
import { provideWeb } from "./web.mjs";

/** The checkout that this file belongs to. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * Provides what a command needs: dependencies always, compiled contracts, built pages and a Redis on demand. Everything that is
 * there already costs milliseconds.
 *
 * @param {{ contracts?: boolean, web?: boolean, redis?: boolean, quiet?: boolean }} wants
 * @returns {Promise<NodeJS.ProcessEnv>} the environment for the command: node_modules/.bin first on the PATH, a cache
 *   of compiled code, and DCHAT_REDIS_SERVER (the path of a server binary) if Redis was asked for
 * @throws Failure, Interrupted
 */
export async function prepare({ contracts = false, web = false, redis = false, quiet = false }) {
  await provideDependencies(root, { quiet });
  const bin = join(root, "node_modules/.bin");
  const env = {
    // A fleet is a dozen processes that load the same modules: each would compile them anew, for a third of its start.
    NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node-compile"),
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
  };
  if (contracts) await provideContracts(root, { quiet, env });
  if (web) await provideWeb(root, { quiet, env });
  const server = redis ? await provideRedis(root, env, { quiet }) : undefined;
  return server === undefined ? env : { ...env, DCHAT_REDIS_SERVER: server };
}
