import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import type { Interchange } from "../../../../relayer/bridge/core/interchange.ts";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { hashOf, laneOf, publicKeyOfText } from "../../support/bridge.ts";
import { repository, start, until } from "../../support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-records-"));
after(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;
const newFile = () => join(folder, `${++count}`, "signing-records.sqlite");
const open = (file = newFile()) => new SqliteSigningRecords(file, { create: true });
const program = join(repository, "test/relayer/support/recording-program.ts");

const validator = publicKeyOfText("validator");
const place = { domain: hashOf("domain"), lane: laneOf("A-B") };
const statement = { ...place, nonce: 7n, accumulator: hashOf("acc"), epoch: 1n };
const interchange = (
  points: Interchange["data"][number]["signed_points"],
  pubkey = validator,
): Interchange => ({
  metadata: { interchange_format_version: "5", domains: [place.domain] },
  data: [{ pubkey, signed_points: points, low_water_marks: [] }],
});

describe("signing records", () => {
  it("keep validators, domains, lanes and nonces apart", async () => {
    const records = open();
    await records.checkAndRecord(validator, statement);
    const other = { accumulator: hashOf("other") };
    for (const change of [
      { domain: hashOf("x") },
      { lane: laneOf("x") },
      { nonce: 8n },
      { nonce: 2n ** 64n - 1n },
    ])
      assert.equal(
        (await records.checkAndRecord(validator, { ...statement, ...change, ...other })).kind,
        "sign",
      );
    const somebody = publicKeyOfText("somebody else");
    assert.equal((await records.checkAndRecord(somebody, { ...statement, ...other })).kind, "sign");
    assert.deepEqual(await records.checkAndRecord(validator, { ...statement, ...other }), {
      kind: "conflict",
      signed: statement.accumulator,
    });
    records.close();
  });

  it("answer requests that share a commit one by one: the first wins", async () => {
    const records = open();
    const other = { ...statement, accumulator: hashOf("other") };
    const decisions = await Promise.all(
      [statement, other, statement, { ...other, nonce: 8n }].map((each) =>
        records.checkAndRecord(validator, each),
      ),
    );
    assert.deepEqual(
      decisions.map(({ kind }) => kind),
      ["sign", "conflict", "sign", "sign"],
    );
    records.close();
  });

  it("decide what was asked before they are closed", async () => {
    const file = newFile();
    const records = open(file);
    const asked = records.checkAndRecord(validator, statement);
    records.close();
    assert.equal((await asked).kind, "sign");
    assert.equal(open(file).export().data[0]?.signed_points.length, 1);
  });

  it("hold two processes on one file to one answer", { timeout: 60_000 }, async () => {
    const file = newFile();
    open(file).close();
    const running = ["one", "two"].map((fork) => start(process.execPath, [program, file, fork, "1", "400"]));
    const ended = await Promise.all(running.map((each) => each.ended));
    const [one = [], two = []] = ended.map(({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      return stdout.split("\n").slice(0, -1);
    });
    assert.equal(one.length + two.length, 400);
    assert.equal(new Set([...one, ...two]).size, 400);
  });

  it("are on the disk before the answer: a process killed right after it has recorded what it said", async () => {
    const file = newFile();
    for (let round = 0; round < 5; round++) {
      const running = start(process.execPath, [program, file, "first", String(round * 1_000_000 + 1)]);
      await until("some are recorded", () => running.stdout().split("\n").length > 50 + 20 * round);
      running.child.kill("SIGKILL");
      const { stdout } = await running.ended;
      const said = stdout.split("\n").slice(0, -1); // the last line may be torn
      const records = open(file);
      const second = { ...statement, accumulator: hashOf("second") };
      for (const nonce of said)
        assert.equal(
          (await records.checkAndRecord(validator, { ...second, nonce: BigInt(nonce) })).kind,
          "conflict",
          nonce,
        );
      records.close();
    }
  });

  it("are readable by their owner alone", () => {
    const file = newFile();
    const records = open(file);
    assert(records.isNew);
    for (const each of [file, `${file}-wal`]) assert.equal(statSync(each).mode & 0o777, 0o600, each);
    records.close();
    const again = open(file);
    assert(!again.isNew);
    again.close();
  });
});

describe("importing and exporting signing records", () => {
  it("closes each lane of the import up to the highest nonce that is known, and nothing else", async () => {
    const records = open();
    const at = (nonce: bigint, change: object = {}) => ({ ...statement, nonce, ...change });
    await records.checkAndRecord(validator, at(20n));
    assert.deepEqual(
      records.import(interchange([at(10n), at(12n), { ...at(14n), accumulator: undefined }])),
      {
        added: 3,
        known: 0,
        closed: 0,
      },
    );
    const kinds = async (...asked: (typeof statement)[]) =>
      (await Promise.all(asked.map((each) => records.checkAndRecord(validator, each)))).map(
        ({ kind }) => kind,
      );
    const other = { accumulator: hashOf("other") };
    assert.deepEqual(await kinds(at(12n), at(20n, { epoch: 9n }), at(21n)), ["sign", "sign", "sign"]);
    assert.deepEqual(await kinds(at(11n), at(19n), at(1n)), ["below-mark", "below-mark", "below-mark"]);
    assert.deepEqual(await kinds(at(12n, other), at(14n)), ["conflict", "conflict"]);
    assert.deepEqual(await kinds(at(1n, { lane: laneOf("x") }), at(1n, { domain: hashOf("x") })), [
      "sign",
      "sign",
    ]);
    records.close();
  });

  it("refuses both of two accumulators for ever, wherever they come from", async () => {
    const records = open();
    const one = { ...statement, accumulator: hashOf("one") };
    const two = { ...statement, accumulator: hashOf("two") };
    await records.checkAndRecord(validator, one);
    assert.equal(records.import(interchange([two])).closed, 1);
    assert.equal(
      records.import(
        interchange([
          { ...one, nonce: 9n },
          { ...two, nonce: 9n },
        ]),
      ).closed,
      1,
    );
    for (const nonce of [7n, 9n])
      for (const each of [one, two])
        assert.deepEqual(await records.checkAndRecord(validator, { ...each, nonce }), {
          kind: "conflict",
          signed: undefined,
        });
    records.close();
  });

  it("is lossless, and does nothing the second time", async () => {
    const records = open();
    for (const nonce of [3n, 2n ** 64n - 1n, 10n, 9n])
      await records.checkAndRecord(validator, { ...statement, nonce });
    await records.checkAndRecord(publicKeyOfText("another"), statement);
    records.raise(validator, [{ ...place, lane: laneOf("raised") }], 5n);
    const exported = records.export();
    assert.deepEqual(
      exported.data.find(({ pubkey }) => pubkey === validator)?.signed_points.map(({ nonce }) => nonce),
      [3n, 9n, 10n, 2n ** 64n - 1n],
    );
    const moved = open();
    moved.import(exported);
    const first = moved.export();
    assert.deepEqual(moved.import(exported), { added: 0, known: 5, closed: 0 });
    assert.deepEqual(moved.export(), first);
    const points = ({ data }: Interchange) => data.map(({ signed_points }) => signed_points);
    assert.deepEqual(points(first), points(exported));
    records.close();
    moved.close();
  });

  it("takes all or nothing", () => {
    const records = open();
    const broken = { ...statement, nonce: 8n };
    Object.defineProperty(broken, "epoch", {
      get: () => {
        throw new Error("torn");
      },
    });
    assert.throws(
      () => records.import(interchange([statement, broken])),
      (error) => error instanceof RetryableError && error.message.includes("Nothing was signed"),
    );
    assert.deepEqual(records.export().data, []);
    records.close();
  });
});

describe("over requests, imports, raised marks, restarts and moves in any order", () => {
  const nonce = fc.bigInt({ min: 1n, max: 4n });
  const point = fc.record({
    pubkey: fc.constantFrom(validator, publicKeyOfText("another")),
    lane: fc.constantFrom(laneOf("A-B"), laneOf("B-A")),
    nonce,
    accumulator: fc.constantFrom(hashOf("one"), hashOf("two")),
  });
  type Point = typeof point extends fc.Arbitrary<infer T> ? T : never;
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ ask: fc.array(point, { minLength: 1, maxLength: 4 }) }) },
    fc.record({ import: fc.array(point, { minLength: 1, maxLength: 3 }) }),
    fc.record({ raise: point }),
    fc.constant({ restart: true }),
    fc.constant({ move: true }),
  );

  it("a validator never signs two accumulators for one place", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        /** What each place has seen, here or elsewhere; the invariant is one at most wherever something is signed. */
        const seen = new Map<string, Set<string>>();
        const marks = new Map<string, bigint>();
        const note = ({ pubkey, lane, nonce: n, accumulator }: Point) => {
          const key = `${pubkey} ${lane} ${n}`;
          return (
            seen.set(key, (seen.get(key) ?? new Set<string>()).add(accumulator)).get(key) ?? assert.fail()
          );
        };
        let file = newFile();
        let records = open(file);
        for (const each of steps) {
          if ("ask" in each) {
            const asked = each.ask.map(async (one) => {
              const { pubkey, ...rest } = one;
              const known = seen.has(`${pubkey} ${rest.lane} ${rest.nonce}`);
              const decision = await records.checkAndRecord(pubkey, {
                ...rest,
                domain: place.domain,
                epoch: 1n,
              });
              if (decision.kind !== "sign") return;
              assert.equal(note(one).size, 1);
              assert(known || rest.nonce > (marks.get(`${pubkey} ${rest.lane}`) ?? 0n));
            });
            await Promise.all(asked);
          } else if ("import" in each) {
            for (const one of each.import) {
              note(one);
              const { pubkey, ...rest } = one;
              records.import(interchange([{ ...rest, domain: place.domain, epoch: 1n }], pubkey));
            }
          } else if ("raise" in each) {
            const { pubkey, lane, nonce: n } = each.raise;
            records.raise(pubkey, [{ domain: place.domain, lane }], n);
            const key = `${pubkey} ${lane}`;
            const mark = marks.get(key) ?? 0n;
            marks.set(key, mark > n ? mark : n);
          } else {
            const exported = records.export();
            records.close();
            if ("move" in each) file = newFile();
            records = open(file);
            if ("move" in each) records.import(exported);
          }
        }
        records.close();
      }),
      { numRuns: 60 },
    );
  });
});
