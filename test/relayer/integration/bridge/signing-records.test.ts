import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { ConfigurationError } from "../../../../relayer/domain/errors.ts";
import { anyHash, anyStatement, hashOf, laneOf } from "../../support/bridge.ts";
import { repository, start, until } from "../../support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-records-"));
after(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;
const newFile = () => join(folder, `${++count}`, "signing-records.sqlite");

const statement = {
  domain: hashOf("domain"),
  lane: laneOf("A-B"),
  nonce: 7n,
  accumulator: hashOf("acc"),
  epoch: 1n,
};

describe("signing records", () => {
  it("admit one accumulator for a (domain, lane, nonce), in whatever epoch, and remember it over restarts", () => {
    const file = newFile();
    fc.assert(
      fc.property(fc.array(anyStatement, { maxLength: 5 }), anyHash, (statements, other) => {
        for (const each of statements) {
          const records = new SqliteSigningRecords(file);
          const first = records.checkAndRecord(each);
          records.close();
          const again = new SqliteSigningRecords(file);
          if (first.kind === "sign") {
            assert.deepEqual(again.checkAndRecord({ ...each, epoch: each.epoch + 1n }), { kind: "sign" });
            const conflict = again.checkAndRecord({ ...each, accumulator: other });
            assert.deepEqual(
              conflict,
              other === each.accumulator ? { kind: "sign" } : { kind: "conflict", signed: each.accumulator },
            );
          }
          again.close();
        }
      }),
      { numRuns: 20 },
    );
  });

  it("keep domains, lanes and nonces apart", () => {
    const records = new SqliteSigningRecords(newFile());
    records.checkAndRecord(statement);
    const other = { accumulator: hashOf("other") };
    for (const change of [{ domain: hashOf("x") }, { lane: laneOf("x") }, { nonce: 8n }])
      assert.equal(records.checkAndRecord({ ...statement, ...change, ...other }).kind, "sign");
    assert.equal(records.checkAndRecord({ ...statement, ...other }).kind, "conflict");
    records.close();
  });

  it("hold two copies of a signer on one file to one answer", () => {
    const file = newFile();
    const [one, two] = [new SqliteSigningRecords(file), new SqliteSigningRecords(file)];
    assert.equal(one.checkAndRecord(statement).kind, "sign");
    assert.equal(two.checkAndRecord({ ...statement, accumulator: hashOf("other") }).kind, "conflict");
    one.close();
    two.close();
  });

  it("are on the disk before the answer: a process killed right after it has recorded what it said", async () => {
    const file = newFile();
    const program = join(repository, "test/relayer/support/recording-program.ts");
    for (let round = 0; round < 5; round++) {
      const running = start(process.execPath, [program, file, String(round)]);
      await until("some are recorded", () => running.stdout().split("\n").length > 5 + round);
      running.child.kill("SIGKILL");
      const { stdout } = await running.ended;
      const said = stdout.split("\n").slice(0, -1); // the last line may be torn
      const records = new SqliteSigningRecords(file);
      for (const nonce of said)
        assert.equal(
          records.checkAndRecord({ ...statement, nonce: BigInt(nonce), accumulator: hashOf("second") }).kind,
          "conflict",
          nonce,
        );
      records.close();
    }
  });

  it("are readable by their owner alone, and refuse to start on a file that is no database", () => {
    const file = newFile();
    new SqliteSigningRecords(file).close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    writeFileSync(
      file,
      "this is no database, and it is long enough to be read as a header of one".repeat(20),
    );
    assert.throws(
      () => new SqliteSigningRecords(file),
      (error) => error instanceof ConfigurationError && error.message.includes("Nothing will be signed"),
    );
  });
});
