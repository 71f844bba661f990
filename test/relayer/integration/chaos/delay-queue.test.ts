import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { newLeaseId } from "../../../../relayer/chaos/adapters/lease-id.ts";
import { command, reasonAgainst } from "../../../../relayer/chaos/adapters/linux/commands.ts";
import { probeDelayQueue } from "../../../../relayer/chaos/adapters/linux/delay-queue.ts";
import { deleteTable, HELD, tableOf } from "../../../../relayer/chaos/adapters/linux/nft.ts";
import { type Running, start, until } from "../../support/processes.ts";

/** How many packets it holds at most. */
const MOST_HELD = 4_096;
const LONG_MILLISECONDS = 60_000;

type Times = { readonly delay: number; readonly jitter?: number; readonly last?: number };

/** Packets on their way to a program that holds them: datagrams, whose order and loss show. */
class Way implements AsyncDisposable {
  readonly received: number[] = [];
  readonly program: Running;
  readonly #table: string;
  readonly #receiver: Socket;
  readonly #sender = createSocket("udp4");

  private constructor(program: Running, table: string, receiver: Socket) {
    this.program = program;
    this.#table = table;
    this.#receiver = receiver;
    receiver.on("message", (message) => this.received.push(message.readUInt32BE()));
  }

  static async open(
    folder: string,
    { delay, jitter = 0, last = 2 * LONG_MILLISECONDS }: Times,
  ): Promise<Way> {
    const receiver = createSocket("udp4");
    receiver.bind(0, "127.0.0.1");
    await once(receiver, "listening");
    const table = tableOf(newLeaseId());
    const rule = `iif lo udp dport ${receiver.address().port} goto ${HELD}`;
    const chains = `chain ${HELD} { }\nchain input { type filter hook input priority filter; ${rule}; }`;
    await command("nft", ["-f", "-"], `table inet ${table} {\n${chains}\n}\n`);
    const words = [table, HELD, ...[delay, jitter, last].map(String)];
    const way = new Way(start(join(folder, "delay-queue"), words), table, receiver);
    await until("it holds", () => way.program.stdout().includes("holding"));
    return way;
  }

  /** Sends numbers, each as a packet of one flow. */
  async send(from: number, to: number): Promise<void> {
    for (let number = from; number < to; number++) {
      const message = Buffer.alloc(4);
      message.writeUInt32BE(number);
      await new Promise((sent) => {
        this.#sender.send(message, this.#receiver.address().port, "127.0.0.1", sent);
      });
    }
  }

  /** How many packets it holds, as the kernel counts them. */
  held(): number {
    const queues = readFileSync("/proc/net/netfilter/nfnetlink_queue", "utf8");
    const [, count] = new RegExp(`^ *\\d+ +${this.program.pid} +(\\d+) `, "m").exec(queues) ?? [];
    return Number(count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.program.child.kill("SIGKILL");
    await this.program.ended;
    await deleteTable(this.#table);
    this.#sender.close();
    this.#receiver.close();
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

void describe("the program that holds packets", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-delay-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const whyNot = await reasonAgainst(() => probeDelayQueue(folder));
  const options = { skip: whyNot === undefined ? false : `no netfilter queue here: ${whyNot}` };

  void it("keeps the order of a flow, however far its delays are apart", options, async () => {
    await using way = await Way.open(folder, { delay: 100, jitter: 100 });
    await way.send(0, 300);
    await until("all have come", () => way.received.length === 300);
    assert.deepEqual(way.received, numbers(0, 300));
  });

  for (const [how, end] of [
    ["when it is told", ({ child }: Running) => child.kill("SIGTERM")],
    ["when its pipe ends", ({ child }: Running) => child.stdin?.end()],
  ] as const)
    void it(`lets go what it holds ${how}, and then nothing is held`, options, async () => {
      await using way = await Way.open(folder, { delay: LONG_MILLISECONDS });
      await way.send(0, 10);
      await until("they are held", () => way.held() === 10);
      assert.deepEqual(way.received, []);
      end(way.program);
      assert.equal((await way.program.ended).code, 0);
      await way.send(10, 12);
      await until("all have come", () => way.received.length === 12);
      assert.deepEqual(way.received, numbers(0, 12));
    });

  void it("lets go what it holds at the end of its time", options, async () => {
    await using way = await Way.open(folder, { delay: LONG_MILLISECONDS, last: 1_500 });
    await way.send(0, 10);
    assert.equal((await way.program.ended).code, 0);
    await until("all have come", () => way.received.length === 10);
  });

  void it(
    "leaves a way that is open when it is killed, though its rule is still there",
    options,
    async () => {
      await using way = await Way.open(folder, { delay: LONG_MILLISECONDS });
      await way.send(0, 3);
      await until("they are held", () => way.held() === 3);
      way.program.child.kill("SIGKILL");
      await way.program.ended;
      await way.send(3, 5);
      await until("the later ones have come", () => way.received.length === 2);
      assert.deepEqual(way.received, [3, 4]);
    },
  );

  void it("lets packets pass when it holds as many as it may", options, async () => {
    await using way = await Way.open(folder, { delay: LONG_MILLISECONDS });
    await way.send(0, MOST_HELD + 20);
    await until("those beyond have come", () => way.received.length === 20);
    assert.equal(way.held(), MOST_HELD);
    assert.deepEqual(way.received, numbers(MOST_HELD, MOST_HELD + 20));
  });

  void it("says why it cannot hold anything, and sends nothing to a queue", options, async () => {
    const { code, stderr } = await start(join(folder, "delay-queue"), ["no_table", HELD, "1", "0", "1000"])
      .ended;
    assert.equal(code, 1);
    assert.match(stderr, /nft cannot send packets to a queue here: No such file/);
  });
});
