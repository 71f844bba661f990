import assert from "node:assert/strict";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import getPort from "get-port";
import { computeAddress, hexlify } from "ethers";
import { z } from "zod";
import type { Network } from "../../../relayer/domain/network.ts";
import { readKeyFile } from "../../../relayer/platform/key-file.ts";
import { QueueAdmin } from "../../../relayer/platform/queue-admin.ts";
import { connectRedis } from "../../../relayer/platform/redis.ts";
import { createValidatorKey } from "../../../scripts/local/keys.ts";
import { PrivateRedis } from "../../relayer/support/private-redis.ts";
import { type Ended, repository, type Running, start, until } from "../../relayer/support/processes.ts";
import { Fleet } from "../support/fleet.ts";

const identified = z.looseObject({ id: z.string() });
const validatorList = z.object({ validators: z.array(z.object({ key: z.string(), operator: z.string() })) });

/** Programs that a reader has on the PATH: `dchat` and `npm` of this checkout, and a cluster that takes manifests. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dchat: `exec "${process.execPath}" "${join(repository, "relayer/main.ts")}" "$@"`,
  npm: `[ "$1 $2 $3" = "run dchat --" ] || { echo "npm $*: not run here" >&2; exit 99; }
shift 3
exec dchat "$@"`,
  npx: `cd "${repository}" && exec "${process.execPath}" "\${@:2}"`,
  kubectl: "exec cat > applied.yml",
};

/** The names that documents have for the keys of the fleet's accounts. */
const KEYS: Readonly<Record<string, string>> = {
  "seller.key": "seller",
  "arbiter.key": "arbiter",
  "anybody.key": "seller",
  "any-account.key": "arbiter",
  "operator.key": "operator-1",
};

/** The first example in a language that a document gives. */
function exampleOf(document: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m");
  return (
    block.exec(readFileSync(join(repository, document), "utf8"))?.[1] ?? assert.fail(`${document} has none`)
  );
}

/** Somebody who reads the documents, beside a fleet that runs, in a folder with the files that documents speak of. */
export class DocumentScene {
  readonly network: Network;
  readonly folder: string;
  /** A keystore that `passphrase` opens. */
  readonly keystore = "validator-1.json";
  /** A message that was delivered. */
  readonly message: string;
  /** A queue in which nothing waits. */
  readonly queue: string;
  /** A receiver of alerting's configuration. */
  readonly receiver = "log";
  readonly #fleet: Fleet;
  readonly #redis: PrivateRedis;
  readonly #admin: QueueAdmin;
  readonly #connection: ReturnType<typeof connectRedis>;

  private constructor(
    fleet: Fleet,
    {
      redis,
      folder,
      message,
      admin,
      connection,
      queue,
    }: Pick<DocumentScene, "folder" | "message" | "queue"> & {
      readonly redis: PrivateRedis;
      readonly admin: QueueAdmin;
      readonly connection: ReturnType<typeof connectRedis>;
    },
  ) {
    this.network = fleet.local.network;
    [this.folder, this.message, this.queue] = [folder, message, queue];
    [this.#fleet, this.#redis, this.#admin, this.#connection] = [fleet, redis, admin, connection];
  }

  static async start(): Promise<DocumentScene> {
    const [fleet, redis] = await Promise.all([Fleet.start({ chaos: true }), PrivateRedis.start()]);
    const [message] = await fleet.send(fleet.home, fleet.away, 1);
    await fleet.untilAllArrived();
    const connection = connectRedis(fleet.local.network.redisUrl, () => undefined);
    const admin = new QueueAdmin(connection);
    const queue = (await admin.list()).find(({ queue: name }) => name.startsWith("deliver"))?.queue;
    assert(message !== undefined && queue !== undefined);
    const folder = mkdtempSync(join(tmpdir(), "dchat-documents-"));
    const scene = new DocumentScene(fleet, { redis, folder, message, admin, connection, queue });
    await scene.#lay().catch(async (error: unknown) => {
      await scene.stop();
      throw error;
    });
    return scene;
  }

  async stop(): Promise<void> {
    await this.#admin.close();
    this.#connection.disconnect();
    await Promise.all([this.#fleet.stop(), this.#redis.stop()]);
    rmSync(this.folder, { recursive: true });
  }

  /** Runs a line of shell as a reader would, with `dchat` on the PATH and the fleet's network in force. */
  start(line: string): Running {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(REDIS_URL|DATABASE_URL|DCHAT_|NODE_TEST)/.test(name),
    );
    return start("bash", ["-euo", "pipefail", "-c", line], {
      cwd: this.folder,
      env: {
        ...Object.fromEntries(own),
        HOME: this.folder,
        PATH: `${join(this.folder, "bin")}:${process.env["PATH"] ?? ""}`,
        DCHAT_CONFIG: this.#fleet.local.networkFile,
      },
    });
  }

  addressOf(name: string): string {
    return computeAddress(hexlify(readKeyFile(this.#keyFile(name), name)));
  }

  /** The validator that an operator joined with. */
  async validatorOf(operator: string): Promise<string> {
    const { validators } = validatorList.parse(await this.json("validator status"));
    const address = this.addressOf(operator);
    return validators.find(({ operator: each }) => each === address)?.key ?? assert.fail(operator);
  }

  /** The records of a signer of the fleet. */
  get records(): string {
    const [file] = globSync(join(this.network.dataFolder, "signer-*", "signing-records.sqlite"));
    return file ?? assert.fail("there are signers");
  }

  /** An escrow of the wallet's, which has come that far. */
  async escrow(state: "locked" | "delivered" | "disputed"): Promise<string> {
    const [seller, arbiter] = [this.addressOf("seller"), this.addressOf("arbiter")];
    const { id } = identified.parse(
      await this.json(
        `escrow create --chain A --token DEMO --amount 5 --seller ${seller} --arbiter ${arbiter} --deliver-by +2d --review-for 3d --agreement offer.pdf`,
      ),
    );
    if (state !== "locked") await this.json(`escrow deliver ${id} --key-file seller.key`);
    if (state === "disputed") await this.json(`escrow dispute ${id} --evidence ipfs://bafy`);
    return id;
  }

  /** An escrow whose time is over, before the keeper sees to it. */
  async dueEscrow(): Promise<string> {
    this.#fleet.pause("keeper-A");
    const { id } = identified.parse(
      await this.json(
        `escrow create --chain A --token DEMO --amount 1 --seller ${this.addressOf("seller")} --deliver-by +2s`,
      ),
    );
    await this.#fleet.mine(this.#fleet.home, 1);
    const shown = z.looseObject({ next: z.array(z.object({ action: z.string() })) });
    await until("its time is over", async () =>
      shown.parse(await this.json(`escrow show ${id}`)).next.some(({ action }) => action === "expire"),
    );
    return id;
  }

  /** Lets the keeper go on that {@link dueEscrow} stopped. */
  resumeKeeper(): void {
    this.#fleet.resume("keeper-A");
  }

  /** Puts a job into {@link queue} that no worker understands, and waits until it has failed for good. */
  async plantDeadLetter(): Promise<void> {
    const opened = (await this.#admin.opened()).find(({ name }) => name === this.queue);
    assert(opened !== undefined);
    await opened.add("planted", {}, { jobId: "planted" });
    await until("it has failed", async () => (await this.#admin.failed(this.queue)).length > 0);
  }

  /** A silence that is in force. */
  async silence(): Promise<string> {
    const { id } = identified.parse(
      await this.json('alerting silence add alertname=Planted --duration 2h --comment "planted"'),
    );
    return id;
  }

  /** Has an alert fire. */
  async fire(alertname: string): Promise<void> {
    const { alerting, tokenFile } = this.network;
    assert(alerting !== undefined && tokenFile !== undefined);
    const answer = await fetch(`http://127.0.0.1:${alerting.api.port}/api/v2/alerts`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}`,
        "content-type": "application/json",
      },
      body: JSON.stringify([
        { labels: { alertname, severity: "warning" }, annotations: { summary: "planted" } },
      ]),
    });
    assert.equal(answer.status, 200);
  }

  /** A run of chaos that has ended. */
  async chaosRun(): Promise<string> {
    const status = z.looseObject({ runs: z.array(z.object({ id: z.string(), state: z.string() })) });
    const ended = async () =>
      status
        .parse(await this.json("chaos status"))
        .runs.find(({ state }) => state === "Completed" || state === "Failed");
    await until("a run has ended", async () => (await ended()) !== undefined, 120_000);
    return (await ended())?.id ?? assert.fail();
  }

  /** Runs a command that is to succeed. @returns its JSON */
  async json(command: string): Promise<unknown> {
    const ended: Ended = await this.start(`dchat --json ${command}`).ended;
    assert.equal(ended.code, 0, `${command}: ${ended.stderr}`);
    return JSON.parse(ended.stdout);
  }

  #keyFile(name: string): string {
    return join(this.#fleet.folder, `${name}.key`);
  }

  /** Lays out the files that documents speak of. */
  async #lay(): Promise<void> {
    const place = (name: string, text: string, mode = 0o600) => {
      const file = join(this.folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
    };
    for (const [name, script] of Object.entries(PROGRAMS))
      place(join("bin", name), `#!/bin/bash\n${script}\n`, 0o700);
    for (const [name, key] of Object.entries(KEYS)) copyFileSync(this.#keyFile(key), join(this.folder, name));
    for (const folder of [".zfunc", ".config/fish/completions"])
      mkdirSync(join(this.folder, folder), { recursive: true });
    place("passphrase", "correct horse battery staple\n");
    place("offer.pdf", "what was agreed\n");
    place("my-experiment.yml", exampleOf("docs/operations/chaos.md", "yaml"));
    const rules = join(repository, "relayer/alerting/rules");
    copyFileSync(join(rules, "default-config.yml"), join(this.folder, "alertmanager.yml"));
    place("rules.yml", "groups: []\n");
    if (this.network.tokenFile !== undefined)
      copyFileSync(this.network.tokenFile, join(this.folder, "token"));
    place("network.json", JSON.stringify(await this.#besideTheFleet()));
    for (const [keystore, key] of [
      [this.keystore, this.#keyFile("validator-1")],
      ["validator.json", createValidatorKey(this.folder, "plain").file],
    ] as const) {
      const made = z.object({ file: z.string() });
      const { file } = made.parse(
        await this.json(`signer import --out made --key-file ${key} --passphrase-file passphrase`),
      );
      copyFileSync(join(this.folder, file), join(this.folder, keystore));
    }
  }

  /** The network again, for roles of its own that keep out of the fleet's way: with another Redis, other ports and another data folder. */
  async #besideTheFleet(): Promise<unknown> {
    const part = z.looseObject({});
    const { alerting, chaos, ...rest } = z
      .looseObject({ alerting: part, chaos: part })
      .parse(JSON.parse(readFileSync(this.#fleet.local.networkFile, "utf8")));
    return {
      ...rest,
      redisUrl: this.#redis.url,
      dataFolder: "data",
      api: { port: await getPort() },
      alerting: { ...alerting, api: { port: await getPort() } },
      speech: { port: await getPort() },
      chaos: { ...chaos, folder: join(this.folder, "chaos"), port: await getPort() },
    };
  }
}
