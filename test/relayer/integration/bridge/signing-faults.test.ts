import assert from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { ConfigurationError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { publicKey } from "../../../../relayer/domain/ids.ts";
import { hashOf, laneOf, publicKeyOfText } from "../../support/bridge.ts";
import { giveToNobody } from "../../support/nobody.ts";
import { repository, start } from "../../support/processes.ts";

// Open to everybody: some programs of these tests run as nobody.
const folder = mkdtempSync(join(tmpdir(), "dchat-faults-"));
chmodSync(folder, 0o755);
after(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;
const newFile = () => {
  const own = join(folder, `${++count}`);
  mkdirSync(own);
  return join(own, "signing-records.sqlite");
};
const open = (file: string) => new SqliteSigningRecords(file, { create: true });
const support = (name: string) => join(repository, "test/relayer/support", name);

const validator = publicKeyOfText("validator");
const statement = {
  domain: hashOf("domain"),
  lane: laneOf("A-B"),
  nonce: 7n,
  accumulator: hashOf("acc"),
  epoch: 1n,
};

describe("a signer that is killed", () => {
  const published = z.object({ accumulator: z.string(), signature: z.string() });
  const run = async (...args: string[]) => {
    const { signal, stdout, stderr } = await start(process.execPath, [support("signing-program.ts"), ...args])
      .ended;
    return { signal, said: stdout === "" ? undefined : (JSON.parse(stdout) as unknown), stderr };
  };

  it("before it records has signed nothing and is bound to nothing", async () => {
    const file = newFile();
    assert.deepEqual(await run(file, "before-record"), { signal: "SIGKILL", said: undefined, stderr: "" });
    const { said } = await run(file, "none", "another fork");
    assert.equal(published.parse(said).accumulator, hashOf("another fork"));
  });

  for (const [step, when] of [
    ["before-signature", "after it recorded and before it signed"],
    ["before-publishing", "after it signed and before it published"],
  ] as const)
    it(`${when} gives the same signature afterwards, and none for another fork`, async () => {
      const file = newFile();
      assert.deepEqual(await run(file, step), { signal: "SIGKILL", said: undefined, stderr: "" });
      const refusal = z.object({ refused: z.string() }).parse((await run(file, "none", "another fork")).said);
      assert.match(refusal.refused, /^Refused to sign accumulator .* would cost its bond/);
      const undisturbed = await run(newFile(), "none");
      assert.deepEqual(published.parse((await run(file, "none")).said), published.parse(undisturbed.said));
    });
});

describe("signing records on a disk that fails", () => {
  const told = z.object({
    publicKey,
    signatures: z.number(),
    errors: z.array(z.object({ code: z.string(), message: z.string() })),
  });
  const program = support("faulty-disk-program.ts");

  it("refuse to sign when it is full, lose nothing that they answered, and go on when there is room", async () => {
    const file = newFile();
    open(file).close();
    giveToNobody(dirname(file), file);
    // No file of the program may grow beyond some 200 kB: a write fails as on a full disk.
    const limited = `ulimit -f 400; exec "$0" "$@"`;
    const { stdout, stderr } = await start("sh", ["-c", limited, process.execPath, program, file]).ended;
    assert.notEqual(stdout, "", stderr);
    const { publicKey: key, signatures, errors } = told.parse(JSON.parse(stdout));
    assert(signatures > 10, stdout);
    assert.equal(errors.length, 3);
    for (const { code, message } of errors) {
      assert.equal(code, "SIGNING_RECORDS");
      assert.match(
        message,
        /Nothing was signed, and nothing will be until it can be recorded; no money is lost/,
      );
    }
    const records = open(file);
    for (let nonce = 1n; nonce <= BigInt(signatures); nonce++)
      assert.equal((await records.checkAndRecord(key, { ...statement, nonce })).kind, "conflict");
    const next = { ...statement, nonce: BigInt(signatures) + 10n };
    assert.equal((await records.checkAndRecord(key, next)).kind, "sign");
    records.close();
  });

  it("do not open when they cannot be written", async () => {
    const file = newFile();
    open(file).close();
    giveToNobody(dirname(file), file);
    chmodSync(file, 0o400);
    const { stdout, stderr } = await start(process.execPath, [program, file]).ended;
    assert.notEqual(stdout, "", stderr);
    const { signatures, errors } = told.parse(JSON.parse(stdout));
    assert.equal(signatures, 0);
    assert.match(
      errors[0]?.message ?? "",
      /cannot be opened: .*readonly.* Nothing will be signed without them/,
    );
    assert.equal(statSync(file).mode & 0o777, 0o400);
  });

  it("say who holds them when another process does not let go", { timeout: 20_000 }, async () => {
    const file = newFile();
    const records = open(file);
    const holder = new DatabaseSync(file);
    holder.exec("BEGIN IMMEDIATE");
    await assert.rejects(
      records.checkAndRecord(validator, statement),
      (error) => error instanceof RetryableError && error.message.includes("Another process holds them"),
    );
    holder.exec("ROLLBACK");
    holder.close();
    assert.equal((await records.checkAndRecord(validator, statement)).kind, "sign");
    records.close();
  });
});

describe("signing records do not open", () => {
  const refuses = (file: string, why: RegExp) => {
    assert.throws(
      () => open(file),
      (error) =>
        error instanceof ConfigurationError &&
        error.code === "SIGNING_RECORDS" &&
        why.test(error.message) &&
        error.message.includes("Nothing will be signed without them, and no money is at risk") &&
        error.message.includes("never start with an empty one or an old copy"),
    );
  };
  const database = (file: string, sql: string) => {
    const other = new DatabaseSync(file);
    other.exec(sql);
    other.close();
  };

  it("from a file that is no database", () => {
    const file = newFile();
    writeFileSync(file, "this is no database, and long enough for a header of one".repeat(20));
    refuses(file, /not a database/);
  });

  it("from a file with a damaged page", async () => {
    const file = newFile();
    const records = open(file);
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        records.checkAndRecord(validator, { ...statement, nonce: BigInt(i + 1) }),
      ),
    );
    records.close();
    const descriptor = openSync(file, "r+");
    writeSync(descriptor, Buffer.alloc(3_000, 0x5a), 0, 3_000, Math.floor(statSync(file).size / 2));
    closeSync(descriptor);
    refuses(file, /damaged/);
  });

  it("from a truncated file", () => {
    const file = newFile();
    open(file).close();
    writeFileSync(file, Buffer.alloc(10));
    refuses(file, /not a database/);
  });

  it("from another program's database", () => {
    const [one, two] = [newFile(), newFile()];
    database(one, "CREATE TABLE anything (x)");
    database(two, "PRAGMA user_version = 1; CREATE TABLE signed (x)");
    for (const file of [one, two]) refuses(file, /another program's database/);
  });

  it("from the file of a newer version", () => {
    const file = newFile();
    open(file).close();
    database(file, "PRAGMA user_version = 2");
    refuses(file, /written by a newer dchat \(version 2\)/);
  });

  it("from a file that is not there, unless it may be made", () => {
    const file = newFile();
    assert.throws(() => new SqliteSigningRecords(file, { create: false }), /there is no such file/);
    assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
  });
});

describe("an old copy of signing records", () => {
  const signLater = async (file: string, accumulator: string) => {
    const records = open(file);
    const { kind } = await records.checkAndRecord(validator, {
      ...{ ...statement, nonce: 8n },
      accumulator: hashOf(accumulator),
    });
    records.close();
    return kind;
  };

  it("cannot know what is missing, and is safe once its lanes are raised above that", async () => {
    const [file, copy, unraised] = [newFile(), newFile(), newFile()];
    const records = open(file);
    await records.checkAndRecord(validator, statement);
    records.close();
    for (const each of [copy, unraised]) copyFileSync(file, each);
    assert.equal(await signLater(file, "one"), "sign");
    const raised = open(copy);
    raised.raise(validator, [statement], 8n);
    assert.equal((await raised.checkAndRecord(validator, statement)).kind, "sign");
    raised.close();
    for (const accumulator of ["one", "another"])
      assert.equal(await signLater(copy, accumulator), "below-mark");
    // What the documentation warns of, and why it has to: the same without raising.
    assert.equal(await signLater(unraised, "another"), "sign");
  });
});

describe("signing records of the first version", () => {
  const first = (file: string) => {
    const old = new DatabaseSync(file);
    // The schema as the first version made it.
    old.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS signed (
        domain      TEXT NOT NULL,
        lane        TEXT NOT NULL,
        nonce       TEXT NOT NULL,
        accumulator TEXT NOT NULL,
        epoch       TEXT NOT NULL,
        PRIMARY KEY (domain, lane, nonce)
      ) STRICT, WITHOUT ROWID;
    `);
    const insert = old.prepare("INSERT INTO signed VALUES (?, ?, ?, ?, ?)");
    for (const lane of ["A-B", "B-A"])
      for (const nonce of ["7", "10", "18446744073709551615"])
        insert.run(statement.domain, laneOf(lane), nonce, statement.accumulator, "1");
    old.close();
  };

  it("are taken over whole for their validator, once", async () => {
    const file = newFile();
    first(file);
    for (let opening = 0; opening < 2; opening++) {
      const records = new SqliteSigningRecords(file, { create: true, owner: validator });
      for (const lane of ["A-B", "B-A"])
        for (const nonce of [7n, 10n, 2n ** 64n - 1n]) {
          const same = { ...statement, lane: laneOf(lane), nonce };
          assert.equal((await records.checkAndRecord(validator, same)).kind, "sign");
          const other = { ...same, accumulator: hashOf("other") };
          assert.deepEqual(await records.checkAndRecord(validator, other), {
            kind: "conflict",
            signed: statement.accumulator,
          });
        }
      assert.equal(records.export().data[0]?.signed_points.length, 6);
      records.close();
    }
  });

  it("stay as they are while nobody says whose they are", () => {
    const file = newFile();
    first(file);
    assert.throws(() => open(file), /does not say whose records it holds; add --validator/);
    new SqliteSigningRecords(file, { create: false, owner: validator }).close();
  });
});
