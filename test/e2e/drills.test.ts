import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { LocalSigningKey } from "../../relayer/bridge/adapters/local-key.ts";
import type { MessageId } from "../../relayer/domain/ids.ts";
import type { NetworkInput } from "../../relayer/domain/network.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { FaultyRpc } from "../relayer/support/faulty-rpc.ts";
import { repository, start, until } from "../relayer/support/processes.ts";
import { type Drill, readDrills } from "./support/drill-page.ts";
import { Fleet } from "./support/fleet.ts";
import { ServiceManager } from "./support/service-manager.ts";

/** How often a chain with several providers is read, in milliseconds. */
const POLL_MILLISECONDS = 1_000;
/** How far beyond the newest message the page closes a signer's lanes. */
const MARGIN = 5;

/** The providers of chain A: the node itself, one that is to lie, another honest one, and one to take its place. */
class Providers {
  readonly #started = new Map<string, Promise<FaultyRpc>>();
  liar: FaultyRpc | undefined;
  spare: FaultyRpc | undefined;

  /** The same network with three providers of chain A, as each role sees it. */
  async before(network: NetworkInput): Promise<NetworkInput> {
    const { A, ...others } = network.chains;
    assert(A?.rpcUrl !== undefined);
    const node = A.rpcUrl;
    const [liar, honest, spare] = await Promise.all(
      ["liar", "honest", "spare"].map((name) => this.#get(name, node)),
    );
    assert(liar !== undefined && honest !== undefined && spare !== undefined);
    [this.liar, this.spare] = [liar, spare];
    const rpcUrls = [node, liar.url, honest.url];
    const chain = { ...A, rpcUrl: undefined, rpcUrls, pollMilliseconds: POLL_MILLISECONDS };
    return { ...network, chains: { ...others, A: chain } };
  }

  async stop(): Promise<void> {
    for (const provider of this.#started.values()) await (await provider).stop();
  }

  #get(name: string, node: string): Promise<FaultyRpc> {
    const started = this.#started.get(name) ?? FaultyRpc.start(node);
    this.#started.set(name, started);
    return started;
  }
}

describe("the drills of docs/operations/drills.md, as they are written", () => {
  let fleet: Fleet;
  let services: ServiceManager;
  const providers = new Providers();
  const machine = (role: string) => join(dirname(fleet.local.networkFile), "machines", role);

  before(async () => {
    fleet = await Fleet.start({
      chaos: true,
      configure: async (role, network) => {
        // Whoever founds something on what the chain says; the others ask the node itself, for three times the requests are this process's.
        const isReader = /^(watcher|signer|sender)-/.test(role);
        const changed = isReader ? await providers.before(network) : network;
        // A signer has a machine of its own.
        return role.startsWith("signer-")
          ? { ...changed, dataFolder: join(dirname(changed.dataFolder), "machines", role) }
          : changed;
      },
    });
    services = await ServiceManager.start(fleet.local.supervisor, fleet.folder);
    mkdirSync(join(fleet.folder, "backups"));
    await fleet.send(fleet.home, fleet.away, 10); // so that there is something to send back
    await fleet.untilAllArrived();
  });
  after(async () => {
    await services.stop();
    await fleet.stop();
    await providers.stop();
  });

  const bothWays = async (count = 2): Promise<readonly MessageId[]> => [
    ...(await fleet.send(fleet.home, fleet.away, count)),
    ...(await fleet.send(fleet.away, fleet.home, count)),
  ];
  async function settle(): Promise<void> {
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  }
  /** Whether a signer says, past the first `since` characters of its log, that it attested to one of these. */
  const hasAttested = (signer: string, messages: readonly MessageId[], since: number) =>
    fleet
      .log(signer)
      .slice(since)
      .split("\n")
      .some((line) => line.includes('"msg":"attested"') && messages.some((id) => line.includes(id)));

  function environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^((REDIS|DATABASE)_URL$|DCHAT_|npm_)/.test(name),
    );
    const key = new LocalSigningKey(readKeyFile(join(fleet.folder, "validator-2.key"), "the validator"));
    return {
      ...Object.fromEntries(own),
      PATH: [services.bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      DCHAT_CONFIG: fleet.local.networkFile,
      CONFIGS: fleet.folder,
      REDIS_DATA: join(fleet.folder, "redis", "appendonlydir"),
      SQL_DATA: join(fleet.folder, "database"),
      SIGNER_CONFIG: join(fleet.folder, "network-signer-1.json"),
      SIGNER_DATA: machine("signer-1"),
      BACKUPS: join(fleet.folder, "backups"),
      VALIDATOR: key.publicKey,
      OPERATOR_KEY: join(fleet.folder, "operator-2.key"),
      LIAR: providers.liar?.url,
      SPARE: providers.spare?.url,
    };
  }

  /** Runs one block of commands; the first that fails ends it. */
  async function run(block: string | undefined): Promise<string> {
    assert(block !== undefined, "the page has fewer blocks than this test knows");
    const shell = start("bash", ["-euo", "pipefail", "-c", block], { cwd: repository, env: environment() });
    shell.child.stdin?.end();
    const { code, stdout, stderr } = await shell.ended;
    assert.equal(code, 0, `${block}\n${stdout}\n${stderr}`);
    return stdout;
  }

  const drills: Readonly<Record<string, (drill: Drill) => Promise<void>>> = {
    "Redis is lost": async ({ blocks: [lose, look] }) => {
      await bothWays();
      await run(lose);
      assert.match(await run(look), /delivered/);
    },
    "The SQL database is lost": async ({ blocks: [lose, look] }) => {
      await bothWays();
      await run(lose);
      await bothWays(1);
      assert.match(await run(look), /#\d+: /);
    },
    "A signer's disk is lost": async ({ blocks: [save, lose, putBack] }) => {
      await run(save);
      await bothWays();
      await fleet.untilAllArrived();
      await run(lose);
      const unsigned = await bothWays();
      await fleet.untilAllArrived();
      const said = fleet.log("signer-1").length;
      assert.match(await run(putBack), /A → B: nothing new is signed at or below \d+/);
      const [closed, open] = [await bothWays(MARGIN), await bothWays()];
      await until("it signs beyond the margin", () => hasAttested("signer-1", open, said));
      assert(!hasAttested("signer-1", [...unsigned, ...closed], said), "what was closed stays closed");
    },
    "An RPC provider lies": async ({ blocks: [replace, look] }) => {
      const { liar } = providers;
      assert(liar !== undefined);
      liar.fault = ({ method }) => (method === "eth_getLogs" ? { result: [] } : undefined);
      await bothWays();
      await until("it is outvoted", () => fleet.log("watcher-A").includes("rpc-outvoted"));
      await run(replace);
      const asked = liar.asked.length;
      assert.match(await run(look), /delivered/);
      assert.equal(liar.asked.length, asked, "nobody asks it any more");
    },
    "A validator's key is compromised": async ({ blocks: [takeOut, look] }) => {
      await bothWays();
      assert.match(await run(takeOut), /formed the set of epoch 2: 2 of 2/);
      assert.match(await run(look), /exited/);
    },
  };

  const written = readDrills();
  it("has a drill for each heading", () => {
    assert.deepEqual(
      written.map(({ heading }) => heading),
      Object.keys(drills),
    );
    assert(written.every(({ blocks }) => blocks.length >= 2));
  });
  for (const drill of written)
    it(drill.heading, async () => {
      await drills[drill.heading]?.(drill);
      await settle();
    });
});
