import assert from "node:assert/strict";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { messageView, statusView } from "../../relayer/api/schema.ts";
import { hash, messageId } from "../../relayer/domain/ids.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { z } from "zod";
import { PrivateRedis } from "../relayer/support/private-redis.ts";
import { repository, until } from "../relayer/support/processes.ts";
import { badInputs, Scene, transferOf } from "./support/bad-inputs.ts";
import { assertFailed, dchat, jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";
import { SilentNode } from "./support/silent-node.ts";

let fleet: Fleet;
let scene: Scene;

before(async () => {
  fleet = await Fleet.start();
  scene = new Scene(fleet);
  await fleet.send(fleet.home, fleet.away, 2);
  await fleet.untilAllArrived();
});
after(async () => {
  await fleet.stop();
  scene.remove();
});

describe(
  "a command that cannot be done fails with an error that helps, and does nothing",
  { concurrency: 2 },
  () => {
    let books: readonly unknown[];
    before(async () => {
      books = await fleet.books();
    });

    for (const [name, make] of Object.entries(badInputs))
      it(name, async () => {
        const { args, env, ...expected } = make(scene);
        const ended = await fleet.dchat(["--json", ...args], env).ended;
        assertFailed(ended, expected);
        assert.deepEqual(await fleet.books(), books);
      });

    it("no configuration, where nothing runs", async () => {
      // A checkout of its own, in which nobody has started anything.
      const checkout = join(scene.scratch, "checkout");
      cpSync(join(repository, "relayer"), join(checkout, "relayer"), { recursive: true });
      cpSync(join(repository, "package.json"), join(checkout, "package.json"));
      for (const name of ["node_modules", "types"]) symlinkSync(join(repository, name), join(checkout, name));
      assertFailed(await dchat(["--json", "status"], {}, join(checkout, "relayer/main.ts")).ended, {
        exit: exitCodes.configuration,
        code: "CONFIGURATION",
        says: [/nothing runs here/, /npm start/, /--config or DCHAT_CONFIG/],
      });
    });

    it("an API whose port is in use", async () => {
      const file = join(fleet.folder, "api-port.json");
      const network: object = JSON.parse(readFileSync(fleet.local.networkFile, "utf8")) as object;
      writeFileSync(file, JSON.stringify({ ...network, dataFolder: "elsewhere" }));
      const ended = await fleet.dchat(["--config", file, "--json", "relayer", "start", "--role", "api"])
        .ended;
      assertFailed(ended, {
        exit: exitCodes.configuration,
        code: "API_PORT",
        says: [
          /cannot listen on 127\.0\.0\.1:\d+: listen EADDRINUSE/,
          /Messages are carried without it/,
          /DCHAT_API_PORT/,
        ],
      });
    });
  },
);

describe("commands that work", () => {
  const sent = z.strictObject({ messageId, sourceTx: hash, state: z.literal("sent") });
  const delivered = z.strictObject({
    messageId,
    sourceTx: hash,
    state: z.literal("delivered"),
    destinationTx: hash,
  });

  it("transfer waits for the delivery and tells what happens; message says where it is", async () => {
    const { code, stdout, stderr } = await fleet.dchat(transferOf("--amount", "1.5")).ended;
    assert.equal(code, exitCodes.success, stderr);
    assert.match(stderr, /^approving 1\.5 DEMO for the bridge\nsending 1\.5 DEMO from A to B\n/);
    assert.match(
      stdout,
      /^A → B #3: delivered\n {2}message {6}0x[0-9a-f]{64}\n {2}source .*\n {2}destination .*\n$/,
    );
    const [id = ""] = /0x[0-9a-f]{64}/.exec(stdout) ?? [];
    const again = await fleet.dchat(["message", id]).ended;
    assert.equal(again.stdout, stdout);
  });

  it("transfer --no-wait and message --wait, in JSON, with chains and token named in other ways", async () => {
    const token = fleet.local.network.tokens["DEMO"]?.sides[fleet.home.name]?.token.toLowerCase();
    assert(token !== undefined);
    const transfer = transferOf("--from", "b", "--to", "31337", "--token", token);
    const { messageId: id, sourceTx } = sent.parse(
      jsonOf(await fleet.dchat([...transfer, "--no-wait", "--json"]).ended),
    );
    const view = messageView.parse(
      jsonOf(await fleet.dchat(["message", id.toUpperCase().replace("X", "x"), "--wait", "--json"]).ended),
    );
    assert.deepEqual([view.messageId, view.source.transactionHash, view.state], [id, sourceTx, "delivered"]);
    assert.deepEqual([view.lane.from, view.lane.to], ["B", "A"]);
  });

  it("transfer in JSON, to another recipient, with another key file", async () => {
    const recipient = "0x000000000000000000000000000000000000dEaD";
    const keyFile = fleet.local.network.walletKeyFile ?? "";
    const args = [
      "--json",
      ...transferOf("--token", "demo", "--recipient", recipient, "--key-file", keyFile),
    ];
    const { messageId: id } = delivered.parse(jsonOf(await fleet.dchat(args).ended));
    assert.equal(
      messageView.parse(jsonOf(await fleet.dchat(["--json", "message", id]).ended)).state,
      "delivered",
    );
  });

  it("status, for people and in JSON", async () => {
    const text = await fleet.dchat(["status"]).ended;
    assert.match(
      text.stdout,
      /^chain A \(31337\): block \d+, final \d+; validators 2 of 3, epoch 1\nchain B /,
    );
    assert.match(text.stdout, /lane A → B: (\d+) sent, \1 accepted, 0 on the way\n/);
    const { chains, lanes } = statusView.parse(jsonOf(await fleet.dchat(["status", "--json"]).ended));
    assert.deepEqual([chains.length, lanes.length], [2, 2]);
  });

  it("help is no failure", async () => {
    const { code, stdout, stderr } = await fleet.dchat(["transfer", "--help"]).ended;
    assert.deepEqual([code, stderr], [exitCodes.success, ""]);
    assert.match(stdout, /--amount <amount>/);
  });
});

describe("when something is away", () => {
  it("a transfer that was sent meanwhile arrives when the watcher of its origin is back", async () => {
    fleet.pause("watcher-A");
    const before = await fleet.progress(fleet.home, fleet.away);
    await fleet.send(fleet.home, fleet.away, 2);
    assert.deepEqual(await fleet.progress(fleet.home, fleet.away), { ...before, sent: before.sent + 2n });
    await fleet.kill("watcher-A");
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("a role that is started while Redis refuses writes says why it waits, and begins once it does not", async () => {
    const redis = await PrivateRedis.start();
    const settings = redis.connect();
    await settings.config("SET", "min-replicas-to-write", "1");
    const role = fleet.dchat(["relayer", "start", "--role", "watcher", "--chain", "A"], {
      REDIS_URL: redis.url,
    });
    try {
      await until("it says why it waits", () =>
        /cannot be used: NOREPLICAS.*No message is lost.*not ready yet/.test(role.stdout()),
      );
      assert.doesNotMatch(role.stdout(), /"ready":true/);
      await settings.config("SET", "min-replicas-to-write", "0");
      await until("it begins", () => role.stdout().includes('"ready":true'));
    } finally {
      role.child.kill("SIGTERM");
      await role.ended;
      await redis.stop();
    }
  });

  it("everything arrives exactly once when Redis refused writes for a while", async () => {
    await fleet.refuseWrites(true);
    await Promise.all([fleet.send(fleet.home, fleet.away, 2), fleet.send(fleet.away, fleet.home, 2)]);
    const log = () => readFileSync(join(fleet.folder, "logs/watcher-A.log"), "utf8");
    await until("the watcher was refused", () => log().includes("NOREPLICAS"));
    await fleet.refuseWrites(false);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("who sends is not told that nothing was sent when the node fell silent over the transaction", async () => {
    await using node = await SilentNode.inFrontOf(fleet.away.rpcUrl);
    const transfer = transferOf("--from", "B", "--to", "A");
    assertFailed(await fleet.dchat([...transfer, "--json"], { DCHAT_RPC_URL_B: node.url }).ended, {
      exit: exitCodes.unavailable,
      code: "UNCERTAIN",
      says: [
        /fell silent over the transfer on B/,
        /may be executed or not/,
        /look whether 1 DEMO have left 0x/,
      ],
    });
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("who waits for a delivery is told that the API is silent, and may stop waiting", async () => {
    const waiting = fleet.dchat(transferOf(), { DCHAT_API_PORT: "1" });
    await until("it says so", () => waiting.stderr().includes("does not answer"), 30_000);
    assert.match(waiting.stderr(), /Waiting for word of message 0x[0-9a-f]{64}, which its chain holds/);
    waiting.child.kill("SIGINT");
    const { code, stderr } = await waiting.ended;
    assert.equal(code, exitCodes.interrupted);
    assert.match(
      stderr,
      /error: Interrupted\. Message 0x[0-9a-f]{64} was sent and goes on without this command/,
    );
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });
});
