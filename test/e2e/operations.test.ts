import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getCreateAddress, hexlify, Wallet } from "ethers";
import { z } from "zod";
import { Outbox__factory } from "../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { CountingReceiver__factory } from "../../types/ethers-contracts/factories/mocks/CountingReceiver__factory.ts";
import { address } from "../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../relayer/domain/interoperable-address.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { Rpc } from "../../relayer/platform/rpc.ts";
import { runningRoles } from "../../relayer/platform/role-files.ts";
import { assertFailed, jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const report = z.object({
  healthy: z.boolean(),
  findings: z.array(z.object({ check: z.string(), level: z.enum(["ok", "warn", "fail"]), says: z.string() })),
});

let fleet: Fleet;
before(async () => {
  fleet = await Fleet.start();
  await fleet.send(fleet.home, fleet.away, 1);
  await fleet.untilAllArrived();
});
after(async () => {
  await fleet.stop();
});

describe("a fleet that is well", () => {
  it("is called well by dchat doctor, in JSON and for people", async () => {
    const { code, stdout } = await fleet.dchat(["doctor"]).ended;
    assert.equal(code, exitCodes.success, stdout);
    assert.match(stdout, /^ok {4}Redis 127\.0\.0\.1:\d+: version .*, noeviction, appendonly$/m);
    const { healthy, findings } = report.parse(jsonOf(await fleet.dchat(["doctor", "--json"]).ended));
    assert.equal(healthy, true);
    assert.deepEqual(
      findings.filter(({ level }) => level !== "ok"),
      [],
    );
  });

  it("shows the health and the metrics of every role", async () => {
    const roles = runningRoles(fleet.local.network.dataFolder);
    assert.equal(roles.length, fleet.local.roles.length);
    const texts = await Promise.all(
      roles.map(async ({ url }) => {
        assert.equal((await fetch(`${url}/healthz`)).status, 200);
        assert.equal((await fetch(`${url}/readyz`)).status, 200);
        assert.equal((await fetch(`${url}/nothing`)).status, 404);
        return (await fetch(`${url}/metrics`)).text();
      }),
    );
    const all = texts.join("\n");
    const has = (name: string, ...labels: readonly RegExp[]) => {
      const lines = all.split("\n").filter((line) => line.startsWith(`${name}{`));
      const found = lines.filter((line) => labels.every((label) => label.test(line)));
      assert.ok(found.length > 0, `${name} with ${labels.map(String).join(" ")} in\n${lines.join("\n")}`);
    };
    has("dchat_queue_jobs", /queue="attest-/, /state="waiting"/, /role="signer"/);
    has("dchat_queue_wait_seconds_count", /queue="deliver-/, /role="sender"/, / [1-9]/);
    has("dchat_queue_run_seconds_count", /outcome="done"/, /queue="attest-/, / [1-9]/);
    has("dchat_attestations_total", /chain="B"/, /validator="0x[0-9a-f]{64}"/, / [1-9]/);
    has("dchat_lane_lag_messages", /from="A"/, /to="B"/, / 0$/);
    has("dchat_lane_lag_seconds", /from="A"/, /to="B"/, / 0$/);
    has("dchat_delivery_gas_per_message_sum", /chain="B"/, / [1-9]/);
    for (const role of [/role="sender"/, /role="keeper"/])
      has("dchat_sender_balance_wei", /address="0x[0-9a-fA-F]{40}"/, role, / [1-9]/);
    for (const name of [
      "dchat_rpc_errors_total",
      "dchat_rpc_disagreements_total",
      "dchat_queue_dead_letters_total",
    ])
      assert.ok(all.includes(`# TYPE ${name} counter`), name);
  });

  it("has its queues listed, paused and resumed; names that nobody knows are refused", async () => {
    const list = z.object({ queues: z.array(z.object({ queue: z.string(), isPaused: z.boolean() })) });
    const read = async () => list.parse(jsonOf(await fleet.dchat(["queue", "list", "--json"]).ended)).queues;
    const name = (await read()).find(({ queue }) => queue.startsWith("deliver-"))?.queue ?? "";
    assert.equal((await fleet.dchat(["queue", "pause", name]).ended).code, exitCodes.success);
    assert.equal((await read()).find(({ queue }) => queue === name)?.isPaused, true);
    assert.match((await fleet.dchat(["queue", "list"]).ended).stdout, new RegExp(`^${name} .* paused$`, "m"));
    assert.equal((await fleet.dchat(["queue", "resume", name]).ended).code, exitCodes.success);
    assertFailed(await fleet.dchat(["queue", "retry", "nothing", "--json"]).ended, {
      exit: exitCodes.usage,
      code: "QUEUE",
      says: [/There is no queue nothing/, /Nothing was done/],
    });
  });

  it("has no message that could be retried", async () => {
    const id = `0x${"ab".repeat(32)}`;
    assertFailed(await fleet.dchat(["message", "retry", id, "--json"]).ended, {
      exit: exitCodes.usage,
      code: "UNKNOWN_MESSAGE",
      says: [/No chain of this network has a message/, /Nothing was sent/],
    });
    const messages = z
      .object({ messages: z.array(z.object({ messageId: z.string() })) })
      .parse(
        await (await fetch(`http://127.0.0.1:${fleet.local.network.api.port}/api/v1/messages`)).json(),
      ).messages;
    assertFailed(await fleet.dchat(["message", "retry", messages[0]?.messageId ?? "", "--json"]).ended, {
      exit: exitCodes.failure,
      code: "NOT_RETRYABLE",
      says: [/was executed already, by transaction 0x/, /Nothing was sent/],
    });
  });
});

describe("a message whose recipient has no code yet", () => {
  it("is refused again by dchat message retry, and executed once there is code", async () => {
    const { walletKeyFile } = fleet.local.network;
    const rpcs = [new Rpc(fleet.home), new Rpc(fleet.away)] as const;
    try {
      const [home, away] = rpcs.map(({ provider }) =>
        new Wallet(hexlify(readKeyFile(walletKeyFile ?? "", "the wallet"))).connect(provider),
      );
      assert(home !== undefined && away !== undefined);
      const place = address.parse(getCreateAddress({ from: away.address, nonce: await away.getNonce() }));
      const outbox = Outbox__factory.connect(fleet.home.outbox, home);
      const to = interoperableAddress(fleet.away.chainId, place);
      const receipt = await (await outbox.sendMessage(to, "0x", [])).wait();
      const [sent] = await outbox.queryFilter(outbox.filters.MessageSent(), receipt?.blockNumber);
      const id = sent?.args.sendId ?? "";
      assert.match((await fleet.dchat(["message", id, "--wait"]).ended).stdout, /: failed$/m);

      assertFailed(await fleet.dchat(["message", "retry", id, "--json"]).ended, {
        exit: exitCodes.failure,
        code: "RETRY_FAILED",
        says: [/refuses message 0x[0-9a-f]{64} again/, /Nothing was sent/, /keeps the message/],
      });
      await new CountingReceiver__factory(away).deploy().then((made) => made.waitForDeployment());
      const ended = await fleet.dchat(["message", "retry", id]).ended;
      assert.equal(ended.code, exitCodes.success, ended.stderr);
      assert.match(ended.stdout, /^A → B #\d+: delivered\n {2}message {6}0x/);
      assert.match((await fleet.dchat(["message", id]).ended).stdout, /: delivered$/m);
    } finally {
      for (const rpc of rpcs) rpc.close();
    }
  });
});
