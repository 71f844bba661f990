import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type MessageList, messageList } from "../../relayer/api/list-schema.ts";
import { isAlive, until } from "../relayer/support/processes.ts";
import { Fleet } from "./support/fleet.ts";

/** How many transfers are under way in each direction when the fault strikes, and how many follow it. */
const TRANSFERS = 3;
/** How many messages one list shows: fewer than there are, and enough that only a few programs have to be started. */
const PAGE = "25";

describe("whatever is killed or wiped, every transfer arrives exactly once", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.start();
    await fleet.send(fleet.home, fleet.away, 20); // so that there is something to send back
    await fleet.untilAllArrived();
  });
  after(() => fleet.stop());

  const sendBothWays = async () => {
    await Promise.all([
      fleet.send(fleet.home, fleet.away, TRANSFERS),
      fleet.send(fleet.away, fleet.home, TRANSFERS),
    ]);
  };

  // The other roles are killed step by step, in steps.test.ts.
  for (const name of ["keeper-A", "watchtower", "api", "redis"])
    it(`survives SIGKILL of ${name} while transfers are sent and under way`, async () => {
      await sendBothWays();
      await Promise.all([sendBothWays(), fleet.kill(name)]);
      await fleet.untilAllArrived();
      await fleet.assertExactlyOnce();
    });

  for (const name of ["chain-A", "chain-B"])
    it(`survives SIGKILL of ${name} while transfers are under way`, async () => {
      await sendBothWays();
      await fleet.kill(name);
      await sendBothWays();
      await fleet.untilAllArrived();
      await fleet.assertExactlyOnce();
    });

  it("survives SIGKILL of the whole fleet at once", async () => {
    await sendBothWays();
    await Promise.all([sendBothWays(), ...fleet.local.roles.map((name) => fleet.kill(name))]);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("survives the loss of everything in Redis", async () => {
    await sendBothWays();
    await Promise.all([sendBothWays(), fleet.wipeRedis()]);
    await fleet.wipeRedis();
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("ends a role that is asked to although Redis stands still, and loses nothing by that", async () => {
    await sendBothWays();
    const redis = await fleet.redisPid();
    const pid = fleet.local.supervisor.pid("sender-B") ?? assert.fail();
    process.kill(redis, "SIGSTOP");
    process.kill(pid, "SIGTERM");
    await until("it has ended", () => !isAlive(pid));
    process.kill(redis, "SIGCONT");
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("lists every message once, from an index that says the same after a rebuild", async () => {
    await sendBothWays();
    await fleet.untilAllArrived();
    // The rebuild ends when the index has everything, so that it is in step before the first list, too.
    await rebuild(fleet);
    const listed = await listAll(fleet);
    const [out, back] = await Promise.all([
      fleet.progress(fleet.home, fleet.away),
      fleet.progress(fleet.away, fleet.home),
    ]);
    assert.equal(BigInt(listed.length), out.sent + back.sent);
    assert.equal(new Set(listed.map(({ messageId }) => messageId)).size, listed.length);
    assert(listed.every(({ state, transfer }) => state === "delivered" && transfer?.amount === 10n ** 18n));
    await rebuild(fleet);
    assert.deepEqual(await listAll(fleet), listed);
  });
});

async function rebuild(fleet: Fleet): Promise<void> {
  const { code, stderr } = await fleet.dchat(["--json", "index", "rebuild"]).ended;
  assert.deepEqual([code, stderr], [0, ""]);
}

/** All messages that the index has, page by page. */
async function listAll(fleet: Fleet): Promise<MessageList["messages"]> {
  const messages: MessageList["messages"] = [];
  for (let after: readonly string[] = []; ;) {
    const ended = await fleet.dchat(["--json", "message", "list", "--limit", PAGE, ...after]).ended;
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    const page = messageList.parse(JSON.parse(ended.stdout));
    messages.push(...page.messages);
    if (page.next === null) return messages;
    after = ["--after", page.next];
  }
}
