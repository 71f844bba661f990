import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { InboxReader } from "../../relayer/bridge/adapters/destination.ts";
import type { ChainConfig } from "../../relayer/domain/network.ts";
import { Rpc } from "../../relayer/platform/rpc.ts";
import { createAccountKey, createValidatorKey } from "../../scripts/local/keys.ts";
import { until } from "../relayer/support/processes.ts";
import { assertFailed, jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const statusView = z.object({
  epoch: z.string(),
  validators: z.array(
    z.object({ key: z.string(), operator: z.string(), state: z.string(), isInNextSet: z.boolean() }),
  ),
});
const formedView = z.object({ epoch: z.string(), threshold: z.number(), members: z.array(z.string()) });

describe("validator sets on the command line and in the fleet", () => {
  let fleet: Fleet;
  const rpcs: Rpc[] = [];
  before(async () => {
    fleet = await Fleet.start();
  });
  after(async () => {
    for (const rpc of rpcs) rpc.close();
    await fleet.stop();
  });

  const keyFile = (name: string) => join(dirname(fleet.local.networkFile), `${name}.key`);
  const run = (...args: string[]) => fleet.dchat(["--json", "validator", ...args]).ended;
  const as = (name: string) => ["--key-file", keyFile(name)];
  async function succeed(...args: string[]): Promise<unknown> {
    const ended = await run(...args);
    assert.equal(ended.code, 0, ended.stderr);
    return jsonOf(ended);
  }
  const status = async () => statusView.parse(await succeed("status"));

  function epochOn(chain: ChainConfig): () => Promise<bigint> {
    const rpc = new Rpc(chain);
    rpcs.push(rpc);
    const reader = new InboxReader(rpc);
    return async () => (await reader.validatorSet()).epoch;
  }

  it("shows three bonded validators", async () => {
    const { epoch, validators } = await status();
    assert.equal(epoch, "1");
    assert.deepEqual(
      validators.map(({ state, isInNextSet }) => [state, isInNextSet]),
      Array.from({ length: 3 }, () => ["bonded", true]),
    );
  });

  it("rotates under load: who exits is out of the next set on both chains, and nothing is stranded", async () => {
    const { validators } = await status();
    const epochs = [fleet.home, fleet.away].map(epochOn);
    const [leaving = assert.fail()] = validators;
    const operators = ["operator-1", "operator-2", "operator-3"];
    // Which operator it is, the registry knows: the others are refused.
    const exits = await Promise.all(operators.map((name) => run("exit", leaving.key, ...as(name))));
    assert.deepEqual(exits.map(({ code }) => code).sort(), [0, 1, 1]);
    for (const ended of exits.filter(({ code }) => code !== 0))
      assertFailed(ended, { exit: 1, code: "REFUSED", says: [/NotOperator/, /Nothing was changed/] });
    await fleet.send(fleet.home, fleet.away, 2);

    const formed = formedView.parse(await succeed("rotate", ...as("operator-1")));
    assert.equal(formed.epoch, "2");
    assert.equal(formed.threshold, 2);
    assert.deepEqual(
      formed.members,
      validators.map(({ key }) => key).filter((key) => key !== leaving.key),
    );
    await fleet.send(fleet.home, fleet.away, 2);
    await fleet.untilAllArrived(); // what goes back has to be there first
    await fleet.send(fleet.away, fleet.home, 2);
    for (const epoch of epochs) await until("the Inbox follows", async () => (await epoch()) === 2n);
    await fleet.send(fleet.away, fleet.home, 1);
    await fleet.send(fleet.home, fleet.away, 1);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
    assert.deepEqual((await status()).validators.find(({ key }) => key === leaving.key)?.state, "exited");
  });

  it("has a table made of a key that joins, on one chain, once", async () => {
    const made = z.object({ key: z.string(), table: z.string(), transaction: z.string().nullable() });
    const { name, chainId } = fleet.away;
    const key = createValidatorKey(fleet.folder, "newcomer");
    const args = ["table", "--chain", name, "--signer-key-file", key.file, "--key-file", keyFile("arbiter")];
    const first = made.parse(await succeed(...args));
    const rpc = new Rpc(fleet.away);
    rpcs.push(rpc);
    assert.notEqual(await rpc.provider.getCode(first.table), "0x");
    assert.match(String(first.transaction), /^0x/);
    const again = made.parse(await succeed(...args));
    assert.deepEqual([again.table, again.transaction], [first.table, null]);

    const poor = createAccountKey(fleet.folder, "poor").file;
    const other = createValidatorKey(fleet.folder, "other");
    const unpaid = ["table", "--chain", String(chainId), "--signer-key-file", other.file, "--key-file", poor];
    assertFailed(await run(...unpaid), { exit: 1, code: "TRANSACTION", says: [/Nothing was changed/] });
  });

  it("says what the registry refuses", async () => {
    const { validators } = await status();
    const member = validators.find(({ isInNextSet }) => isInNextSet) ?? assert.fail();
    const attempts = await Promise.all(
      ["operator-1", "operator-2", "operator-3"].map((name) => run("unjail", member.key, ...as(name))),
    );
    assert(attempts.some(({ stderr }) => stderr.includes("NotJailed")));
    assertFailed(await run("exit", "0x12", ...as("operator-1")), {
      exit: 2,
      code: "KEY",
      says: [/64 hexadecimal digits/, /Nothing was done/],
    });
    const used = ["register", ...as("operator-1"), "--signer-key-file", keyFile("validator-1")];
    assertFailed(await run(...used), { exit: 1, code: "REFUSED", says: [/Nothing was changed/] });
  });
});
