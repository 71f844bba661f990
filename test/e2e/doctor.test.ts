import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { createKeystore } from "../../relayer/bridge/adapters/keystore-file.ts";
import { doctor } from "../../relayer/commands/doctor/index.ts";
import { readNetwork } from "../../relayer/platform/config-file.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { FaultyProxy } from "../relayer/support/faulty-proxy.ts";
import { PrivateRedis } from "../relayer/support/private-redis.ts";
import { until } from "../relayer/support/processes.ts";
import { Scene } from "./support/bad-inputs.ts";
import { jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const report = z.object({
  healthy: z.boolean(),
  findings: z.array(z.object({ check: z.string(), level: z.enum(["ok", "warn", "fail"]), says: z.string() })),
});
const record = z.record(z.string(), z.unknown());

let fleet: Fleet;
let scene: Scene;
before(async () => {
  fleet = await Fleet.start();
  scene = new Scene(fleet);
});
after(async () => {
  await fleet.stop();
  scene.remove();
});

/** Changes one chain of the fleet's configuration. */
function withChain(name: string, change: Record<string, unknown>): string {
  return scene.changed(`${crypto.randomUUID()}.json`, (network) => {
    const chains = record.parse(network["chains"]);
    network["chains"] = { ...chains, [name]: { ...record.parse(chains[name]), ...change } };
  });
}

const withRoot = (change: Record<string, unknown>) =>
  scene.changed(`${crypto.randomUUID()}.json`, (network) => Object.assign(network, change));

async function examine(file: string, options: Parameters<typeof doctor>[0] = {}) {
  let given: unknown;
  const output = {
    result: (value: unknown) => (given = value),
    step: () => undefined,
    pause: () => undefined,
  };
  const network = readNetwork(file, {});
  const healthy = await doctor(options, { network, output, signal: new AbortController().signal });
  const { findings } = report.parse(given);
  return { healthy, findings };
}

async function assertFinds(
  file: string,
  level: string,
  check: RegExp,
  says: RegExp,
  keystore: string[] = [],
) {
  const { healthy, findings } = await examine(file, { keystore });
  const found = findings.filter((finding) => check.test(finding.check) && finding.level === level);
  assert.ok(found.length > 0, JSON.stringify(findings, null, 1));
  assert.ok(
    found.some((finding) => says.test(finding.says)),
    JSON.stringify(found),
  );
  assert.equal(
    healthy,
    findings.every((finding) => finding.level !== "fail"),
  );
}

describe("dchat doctor finds", () => {
  it("a fault, and ends with exit code 1", async () => {
    const file = withRoot({ redisUrl: "redis://operator:secret@127.0.0.1:1" });
    const ended = await fleet.dchat(["--config", file, "doctor", "--json"]).ended;
    assert.equal(ended.code, exitCodes.failure);
    const { findings } = report.parse(jsonOf(ended));
    assert.match(findings[0]?.says ?? "", /127\.0\.0\.1:1 cannot be used/);
    assert.doesNotMatch(ended.stdout + ended.stderr, /secret/);
  });

  it("a Redis that evicts, and one that keeps nothing", async () => {
    const redis = await PrivateRedis.start();
    try {
      const connection = redis.connect();
      await connection.config("SET", "appendonly", "no");
      await assertFinds(withRoot({ redisUrl: redis.url }), "warn", /^Redis/, /appendonly no/);
      await connection.config("SET", "maxmemory-policy", "allkeys-lru");
      await assertFinds(withRoot({ redisUrl: redis.url }), "fail", /^Redis/, /allkeys-lru.*noeviction/);
    } finally {
      await redis.stop();
    }
  });

  it("a provider that is away, hangs, serves another chain, or contradicts the others", async () => {
    await assertFinds(
      withChain("A", { rpcUrl: "http://127.0.0.1:1" }),
      "fail",
      /^chain A: provider/,
      /ECONNREFUSED|failed/,
    );
    await assertFinds(
      withChain("A", { rpcUrl: fleet.away.rpcUrl }),
      "fail",
      /^chain A: provider/,
      /chain id 31338, but chains\.A\.chainId is 31337/,
    );
    await using proxy = await FaultyProxy.inFrontOf(fleet.home.rpcUrl);
    const two = withChain("A", { rpcUrl: undefined, rpcUrls: [fleet.home.rpcUrl, proxy.url], agreement: 2 });
    proxy.lie = (method, result) =>
      method === "eth_getBlockByNumber" ? { ...record.parse(result), hash: `0x${"ab".repeat(32)}` } : result;
    await assertFinds(two, "fail", /^chain A: finality/, /agree|contradict/);
    proxy.mend();
    proxy.isHanging = true;
    await assertFinds(
      withChain("A", { rpcUrl: proxy.url }),
      "fail",
      /^chain A: provider/,
      /No answer|timeout|failed/,
    );
  });

  it("a finality tag that nobody knows, and a chain without final blocks", async () => {
    await using proxy = await FaultyProxy.inFrontOf(fleet.home.rpcUrl);
    proxy.refuse = (_method, params) =>
      params[0] === "finalized" ? "invalid argument 0: hex string without 0x prefix" : undefined;
    const tagged = withChain("A", { rpcUrl: proxy.url, finality: { tag: "finalized" } });
    await assertFinds(tagged, "fail", /^chain A: finality/, /does not know the block tag "finalized"/);
    const deep = withChain("A", { finality: { depth: 10_000 } });
    await assertFinds(deep, "warn", /^chain A: finality/, /No block is final yet/);
  });

  it("a clock that is behind the chain, and a chain that stands still", async () => {
    await using proxy = await FaultyProxy.inFrontOf(fleet.home.rpcUrl);
    const shift = (seconds: number) => (method: string, result: unknown) => {
      if (method !== "eth_getBlockByNumber") return result;
      const block = record.parse(result);
      return { ...block, timestamp: `0x${(Number(block["timestamp"]) + seconds).toString(16)}` };
    };
    proxy.lie = shift(3_600);
    await assertFinds(withChain("A", { rpcUrl: proxy.url }), "fail", /clock/, /in the future.*NTP/s);
    proxy.lie = shift(-36_000);
    await assertFinds(
      withChain("A", { rpcUrl: proxy.url }),
      "warn",
      /clock/,
      /s old: the node is out of step/,
    );
  });

  it("an address without a contract, and an Outbox that the other side does not know", async () => {
    const nobody = "0x000000000000000000000000000000000000dEaD";
    await assertFinds(
      withChain("A", { witness: nobody }),
      "fail",
      /contract chains\.A\.witness/,
      /no contract/,
    );
    await assertFinds(withChain("A", { outbox: fleet.home.inbox }), "fail", /^lane A → B/, /never arrives/);
  });

  it("a key file that others may read, that is missing, or that is no key; and a key without money", async () => {
    const secret = "d5".repeat(32);
    const open = scene.file("open.key", `0x${secret}`);
    chmodSync(open, 0o644);
    await assertFinds(
      withChain("A", { senderKeyFile: open }),
      "fail",
      /^chains\.A\.senderKeyFile/,
      /chmod 600/,
    );
    await assertFinds(withRoot({ walletKeyFile: "/nowhere" }), "fail", /^walletKeyFile/, /ENOENT/);
    const junk = scene.file("junk.key", "a secret, but no key");
    await assertFinds(
      withChain("B", { senderKeyFile: junk }),
      "fail",
      /B\.senderKeyFile/,
      /must hold 0x and 64/,
    );
    const poor = scene.file("poor.key", `0x${secret}`);
    await assertFinds(
      withChain("A", { senderKeyFile: poor }),
      "fail",
      /A\.senderKeyFile/,
      /has 0\.0 .*Send it some/,
    );
    const { findings } = await examine(withChain("A", { senderKeyFile: poor }));
    assert.doesNotMatch(JSON.stringify(findings), new RegExp(secret));
  });

  it("a keystore that is none, and a data folder that is missing or open to others", async () => {
    const junk = scene.file("keystore.json", "{}");
    await assertFinds(fleet.local.networkFile, "fail", /^keystore/, /keystore/i, [junk]);
    await assertFinds(withRoot({ dataFolder: "/nowhere/at/all" }), "warn", /^dataFolder/, /does not exist/);
    chmodSync(scene.scratch, 0o777);
    await assertFinds(withRoot({ dataFolder: scene.scratch }), "warn", /^dataFolder/, /chmod go-w/);
    chmodSync(scene.scratch, 0o700);
  });

  it("a validator's key whose signatures are dear, for it has no table", async () => {
    const folder = join(scene.scratch, "keystores");
    const keep = async (secret: Uint8Array) =>
      (await createKeystore(folder, secret, "pass", { work: 2 })).file;
    const known = await keep(readKeyFile(join(fleet.folder, "validator-1.key"), "the validator"));
    const strange = await keep(randomBytes(32));
    const { networkFile } = fleet.local;
    const onA = /^keystore .* on chain A$/;
    await assertFinds(networkFile, "ok", onA, /has its table at 0x/, [known]);
    await assertFinds(networkFile, "warn", onA, /three times the gas.*validator table --chain A/, [strange]);
  });

  it("an API that is away, a stranger on its port, and a role that cannot work", async () => {
    const api = (port: number) => withRoot({ api: { host: "127.0.0.1", port } });
    await assertFinds(api(1), "warn", /^API/, /Nothing answers/);
    const node = Number(new URL(fleet.home.rpcUrl).port);
    await assertFinds(api(node), "fail", /^API/, /Something else than dchat's API/);
    await fleet.refuseWrites(true);
    try {
      // A role tells for a second what it has seen.
      await until("the roles look again", async () => {
        const { findings } = await examine(fleet.local.networkFile);
        return findings.every(({ check, level }) => !check.startsWith("role watcher") || level === "fail");
      });
      await assertFinds(
        fleet.local.networkFile,
        "fail",
        /^role watcher A/,
        /cannot do its work now: Redis: .*NOREPLICAS/,
      );
    } finally {
      await fleet.refuseWrites(false);
    }
    await until("all are well again", async () => (await examine(fleet.local.networkFile)).healthy);
  });
});
