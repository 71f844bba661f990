import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { repository, start } from "../../support/processes.ts";

const program = join(repository, "test/relayer/support/alerting-program.ts");
const notification = z.object({
  id: z.string(),
  reason: z.string(),
  receiver: z.string(),
  alerts: z.array(z.object({ episode: z.string(), labels: z.record(z.string(), z.string()) })),
});

/** Receives webhooks, a list for each path, and tells what it received. */
class Receiver {
  readonly #lists = new Map<string, z.infer<typeof notification>[]>();
  readonly #server: Server = createServer((request, response) => {
    const list = this.list(request.url ?? "");
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      if (request.method === "POST") list.push(notification.parse(JSON.parse(body)));
      const seen = list.map(({ reason, receiver, alerts }) => ({
        reason,
        receiver,
        episode: alerts[0]?.episode,
      }));
      response.end(JSON.stringify(seen));
    });
  });

  list(path: string): z.infer<typeof notification>[] {
    const known = this.#lists.get(path) ?? [];
    this.#lists.set(path, known);
    return known;
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    assert(typeof address === "object" && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const steps = [
  ...[1, 2, 3, 4, 5, 6].map((n) => `after-commit-${n}`),
  ...[2, 4].map((n) => `before-commit-${n}`),
  ...[1, 3].map((n) => `before-send-${n}`),
  ...[1, 2, 3, 4].map((n) => `after-send-${n}`),
];

describe("alerting that is killed", { concurrency: 3 }, () => {
  const receiver = new Receiver();
  const folder = mkdtempSync(join(tmpdir(), "dchat-alerting-"));
  let url: string;
  before(async () => {
    url = await receiver.start();
  });
  after(() => {
    receiver.stop();
    rmSync(folder, { recursive: true });
  });

  for (const step of steps)
    it(
      `at ${step} loses no silence and no page, swallows no new episode, and escalates once`,
      { timeout: 60_000 },
      async () => {
        const own = mkdtempSync(join(folder, "run-"));
        const run = (at: string) =>
          start(process.execPath, [program, JSON.stringify({ folder: own, url: `${url}/${step}`, step: at })])
            .ended;
        const killed = await run(step);
        assert.deepEqual([killed.signal, killed.stderr], ["SIGKILL", ""]);
        const again = await run("none");
        assert.deepEqual([again.code, again.stderr], [0, ""]);
        if (killed.stdout.includes("confirmed")) assert.match(again.stdout, /^found 1$/m);

        const all = receiver.list(`/${step}`);
        const said = new Map(
          all.map(({ id, reason, receiver: name, alerts }) => [
            id,
            `${name} ${reason} ${alerts[0]?.labels["alertname"] ?? ""}`,
          ]),
        );
        const pages = [...said.values()].filter((text) => text.startsWith("pager firing"));
        assert.deepEqual(pages, ["pager firing Told", "pager firing Told"]);
        const first = all.find(({ reason }) => reason === "firing")?.alerts[0]?.episode;
        const escalated = all.filter(
          ({ reason, alerts }) => reason === "escalated" && alerts[0]?.episode === first,
        );
        assert.equal(new Set(escalated.map(({ id }) => id)).size, 1);
        assert(![...said.values()].some((text) => text.includes("Silenced")));
        // Only what was sent and not committed is sent again, under the same id.
        const isTwice = ({ id }: (typeof all)[number], i: number) =>
          all.findIndex((each) => each.id === id) < i;
        for (const { id } of all.filter(isTwice)) assert(!killed.stdout.includes(id), `${id} was committed`);
      },
    );

  /** Kills a scenario at a step, lets it go on to its end, and says what the receiver got, each notification once. */
  const killed = async (scenario: string, step: string, isOverdue: boolean) => {
    const path = `/${scenario}-${step}`;
    const settings = { folder: mkdtempSync(join(folder, "run-")), url: url + path, scenario };
    // The level becomes overdue while nobody works: the next process finds the clock half an hour later.
    const [early, late] = isOverdue ? [{ after: 60_000 }, { after: 60_000, ahead: 1_800_000 }] : [{}, {}];
    const run = (rest: object) =>
      start(process.execPath, [program, JSON.stringify({ ...settings, ...rest })]).ended;
    const first = await run({ ...early, step });
    assert.deepEqual([first.signal, first.stderr], ["SIGKILL", ""]);
    const before = receiver.list(path).length;
    const second = await run({ ...late, step: "none" });
    assert.deepEqual([second.code, second.stderr], [0, ""]);
    const all = receiver
      .list(path)
      .map(({ id, reason, receiver: name }) => [id, `${name} ${reason}`] as const);
    return {
      before,
      said: [...new Map(all).values()].toSorted(),
      first: first.stdout,
      second: second.stdout,
    };
  };

  for (const step of ["writing-pending-1", "committed-pending-1", "writing-firing-1", "committed-firing-1"])
    it(`at ${step} of a rule tells its alert once, and does not do again what is on the disk`, async () => {
      const { before, said, second } = await killed("rule", step, false);
      assert.equal(before, 0);
      assert.deepEqual(said, ["boss escalated", "pager firing"]);
      assert.equal(second.includes("committed a firing"), step !== "committed-firing-1");
    });

  for (const [step, boss] of [
    ["writing-acknowledgement-1", ["boss acknowledged", "boss escalated"]],
    ["committed-acknowledgement-1", []],
  ] as const)
    it(`at ${step} takes an alert over once; the overdue level is told only if that was not on the disk`, async () => {
      const { said, first, second } = await killed("acknowledgement", step, true);
      assert(!first.includes("confirmed"));
      assert.equal(second.includes("confirmed"), boss.length > 0);
      assert.deepEqual(said, [...boss, "pager acknowledged", "pager firing"]);
    });

  it("before a level is due tells it exactly once when it is overdue by then", async () => {
    const { before, said } = await killed("rule", "committed-delivered-1", true);
    assert.equal(before, 1);
    assert.deepEqual(said, ["boss escalated", "pager firing"]);
  });
});
