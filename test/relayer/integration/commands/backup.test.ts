import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { assertFailed, jsonOf } from "../../../e2e/support/cli.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { manifestSchema } from "../../../../relayer/commands/backup/manifest.ts";
import { restoreRecords } from "../../../../relayer/commands/backup/restore-records.ts";
import { exitCodes } from "../../../../relayer/platform/exit-codes.ts";
import { makeTables, openDurableDatabase } from "../../../../relayer/platform/durable-database.ts";
import { hashOf, laneOf, publicKeyOfText } from "../../support/bridge.ts";
import { SignerScene } from "../../support/signer-commands.ts";

const { success, usage } = exitCodes;
const scene = new SignerScene();
const data = scene.at("data");
const restored = z.object({ restored: z.array(z.object({ what: z.string(), file: z.string() })) });
after(() => {
  scene.remove();
});

/** A store of ours with one row in it. */
function makeStore(path: string): void {
  const schema = { applicationId: 0x64437473, version: 2, tables: "CREATE TABLE rows (a TEXT) STRICT" };
  const { database } = openDurableDatabase(join(data, path), true, (empty) => makeTables(empty, schema));
  database.prepare("INSERT INTO rows VALUES (?)").run(path);
  database.close();
}
const backup = (...args: string[]) => scene.run(["backup", ...args, "--json"]);
async function create(name: string): Promise<string> {
  const ended = await backup("create", "--out", scene.at(name));
  assert.equal(ended.code, success, ended.stderr);
  return scene.at(name);
}

describe("dchat backup", () => {
  const paths = [
    "alerting/alerting.sqlite",
    "api/audit.sqlite",
    "speech/queue.sqlite",
    "watchtower/record.sqlite",
  ];
  let count = 0;
  const fresh = () => `backup-${++count}`;
  beforeEach(() => {
    rmSync(data, { recursive: true, force: true });
    for (const path of paths) makeStore(path);
    // What no backup holds.
    for (const other of ["index/PG_VERSION", "alerting/lock", "sender-A-0x00/journal.sqlite"]) {
      mkdirSync(join(data, other, ".."), { recursive: true });
      writeFileSync(join(data, other), "");
    }
  });

  it("saves what roles keep, for its owner alone, and puts it back as it was", async () => {
    const folder = await create(fresh());
    const checked = await backup("check", folder);
    assert.equal(checked.code, success, checked.stderr);
    const { stores } = manifestOf(jsonOf(checked));
    assert.deepEqual(
      stores.map(({ path, schemaVersion }) => [path, schemaVersion]),
      paths.map((path) => [path, 2]),
    );
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    rmSync(data, { recursive: true });
    const ended = await backup("restore", folder);
    assert.equal(ended.code, success, ended.stderr);
    assert.deepEqual(
      restored.parse(jsonOf(ended)).restored.map(({ file }) => file),
      paths.map((path) => join(data, path)),
    );
    const hashOfFile = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
    assert.deepEqual(
      paths.map((path) => hashOfFile(join(data, path))),
      stores.map(({ sha256 }) => sha256),
    );
    assert.deepEqual(readdirSync(join(data, "api")), ["audit.sqlite"], "nothing temporary is left");
  });

  it("puts back one store of several, by its name", async () => {
    const folder = await create(fresh());
    rmSync(join(data, "api"), { recursive: true });
    assertFailed(await backup("restore", folder, "--only", "audits"), {
      exit: usage,
      code: "BACKUP",
      says: [/has no store audits/, /alerting, audit, queue, record/],
    });
    const ended = await backup("restore", folder, "--only", "audit");
    assert.equal(ended.code, success, ended.stderr);
    assert(existsSync(join(data, "api/audit.sqlite")));
  });

  it("never writes over a backup, and makes none of nothing", async () => {
    const folder = await create(fresh());
    assertFailed(await backup("create", "--out", folder), {
      exit: usage,
      code: "BACKUP",
      says: [/There is something at/, /Nothing was written/],
    });
    rmSync(data, { recursive: true });
    const nothing = scene.at(fresh());
    assertFailed(await backup("create", "--out", nothing), {
      exit: usage,
      code: "BACKUP",
      says: [/There is nothing in .* that needs a backup/],
    });
    assert(!existsSync(nothing));
  });

  const refusals: readonly (readonly [what: string, prepare: (folder: string) => void, says: RegExp])[] = [
    [
      "a copy is not what was saved",
      (folder) => {
        appendFileSync(join(folder, "api/audit.sqlite"), "x");
      },
      /api\/audit\.sqlite is not what was saved: its sha256/,
    ],
    [
      "a copy is missing",
      (folder) => {
        rmSync(join(folder, "api/audit.sqlite"));
      },
      /api\/audit\.sqlite cannot be read/,
    ],
    [
      "the backup was not finished",
      (folder) => {
        rmSync(join(folder, "manifest.json"));
      },
      /its manifest\.json cannot be read/,
    ],
    [
      "its manifest leads out of it",
      (folder) => {
        changeManifest(folder, (text) => text.replace("api/audit.sqlite", "../data/audit.sqlite"));
      },
      /its manifest\.json cannot be read/,
    ],
    [
      "it belongs to another bridge",
      (folder) => {
        changeManifest(folder, (text) => text.replace('"chainId": 31337', '"chainId": 1'));
      },
      /saved for another bridge: chain A/,
    ],
    [
      "there is a store in its place",
      () => {
        makeStore("api/audit.sqlite");
      },
      /There is something in the place of .*audit\.sqlite/,
    ],
    [
      "a role runs with the data folder",
      () => {
        const role = { role: "alerting", pid: process.pid, url: "http://127.0.0.1:1" };
        mkdirSync(join(data, "roles"), { recursive: true });
        writeFileSync(join(data, "roles", `${process.pid}.json`), JSON.stringify(role));
      },
      /Roles run with .*: alerting \(process \d+\)/,
    ],
  ];
  let saved: Promise<string> | undefined;
  for (const [what, prepare, says] of refusals)
    it(`restores nothing when ${what}`, async () => {
      const folder = scene.at(fresh());
      cpSync(await (saved ??= create(fresh())), folder, { recursive: true });
      rmSync(data, { recursive: true });
      prepare(folder);
      const before = existsSync(data) ? readdirSync(data, { recursive: true }) : [];
      const ended = await backup("restore", folder);
      assertFailed(ended, {
        exit: usage,
        code: what.startsWith("a role") ? "RUNNING" : "BACKUP",
        says: [says, /Nothing was restored/],
      });
      assert.deepEqual(existsSync(data) ? readdirSync(data, { recursive: true }) : [], before);
    });
});

describe("signing records that are restored", () => {
  const validator = publicKeyOfText("validator");
  const place = { domain: hashOf("domain"), lane: laneOf("A-B") };
  const at = (nonce: bigint, accumulator: string, lane = place.lane) => ({
    ...{ domain: place.domain, lane, nonce, epoch: 1n },
    accumulator: hashOf(accumulator),
  });
  const bounds = [
    { ...place, name: "A → B", nonce: 20n },
    { domain: place.domain, lane: laneOf("B-A"), name: "B → A", nonce: 3n },
  ];

  it("repeat what the copy holds, and nothing else that may have been signed since", async () => {
    const [original, copy, target] = ["original", "copy", "made"].map((name) =>
      scene.at(`records/${name}.sqlite`),
    );
    assert(original !== undefined && copy !== undefined && target !== undefined);
    const old = new SqliteSigningRecords(original, { create: true });
    await old.checkAndRecord(validator, at(7n, "seven"));
    old.close();
    cpSync(original, copy);
    restoreRecords(copy, target, bounds);

    const records = new SqliteSigningRecords(target, { create: false });
    const decide = async (statement: ReturnType<typeof at>) =>
      (await records.checkAndRecord(validator, statement)).kind;
    assert.equal(await decide(at(7n, "seven")), "sign");
    assert.equal(await decide(at(7n, "another")), "conflict");
    for (const nonce of [1n, 6n, 8n, 20n])
      assert.equal(await decide(at(nonce, "since")), "below-mark", `${nonce}`);
    assert.equal(await decide(at(21n, "new")), "sign");
    // A lane that the copy has never heard of is closed as well.
    assert.equal(await decide(at(3n, "since", laneOf("B-A"))), "below-mark");
    assert.equal(await decide(at(4n, "new", laneOf("B-A"))), "sign");
    records.close();
    assert(!existsSync(scene.at("records/old.sqlite")), "nothing temporary is left");
  });

  it("are refused when nobody can say whose they are", () => {
    const empty = scene.at("records/empty.sqlite");
    new SqliteSigningRecords(empty, { create: true }).close();
    assert.throws(() => {
      restoreRecords(empty, scene.at("records/of-nobody.sqlite"), bounds);
    }, /holds no validator's records yet.*protection raise/);
    assert(!existsSync(scene.at("records/of-nobody.sqlite")));
  });
});

function manifestOf(document: unknown) {
  const fields = Object.entries(z.record(z.string(), z.unknown()).parse(document));
  return manifestSchema.parse(Object.fromEntries(fields.filter(([key]) => key !== "folder")));
}

function changeManifest(folder: string, change: (text: string) => string): void {
  const file = join(folder, "manifest.json");
  const before = readFileSync(file, "utf8");
  const changed = change(before);
  assert.notEqual(changed, before);
  writeFileSync(file, changed);
}
