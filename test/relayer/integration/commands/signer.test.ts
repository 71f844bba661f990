import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { Writable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { getBytes } from "ethers";
import { pino } from "pino";
import { z } from "zod";
import { jsonOf } from "../../../e2e/support/cli.ts";
import { createKeystore, unlockKeystore } from "../../../../relayer/bridge/adapters/keystore-file.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { publicKey } from "../../../../relayer/domain/ids.ts";
import { exitCodes } from "../../../../relayer/platform/exit-codes.ts";
import { loggerOptions } from "../../../../relayer/platform/log.ts";
import { hashOf, laneOf } from "../../support/bridge.ts";
import { SignerScene } from "../../support/signer-commands.ts";

const { success, usage } = exitCodes;
const scene = new SignerScene();
const phrase = ["--passphrase-file", scene.at("passphrase")] as const;
const fast = ["--kdf", "pbkdf2"] as const;
const created = z.strictObject({ file: z.string(), publicKey });

after(() => {
  scene.remove();
});

describe("dchat signer keygen, import and list", () => {
  it("keygen makes a keystore that its pass-phrase opens, readable by its owner alone", async () => {
    const ended = await scene.run(["signer", "keygen", "--out", scene.at("keys"), ...phrase]);
    assert.equal(ended.code, success, ended.stderr);
    const [, file = "", key] = /^created (.*)\n {2}public key {2}(0x[0-9a-f]{64})\n/.exec(ended.stdout) ?? [];
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, "utf8"), /"function": "scrypt"/);
    assert.equal((await unlockKeystore(file, scene.passphrase)).publicKey, key);
  });

  for (const [how, args, stdin] of [
    ["a file", ["--key-file", scene.at("validator.key")], ""],
    ["standard input", ["--stdin"], scene.secret],
  ] as const)
    it(`import encrypts the plain key of ${how}`, async () => {
      const out = scene.at(`imported from ${how}`);
      mkdirSync(out);
      const ended = await scene.run(
        ["signer", "import", "--json", ...args, "--out", out, ...fast, ...phrase],
        stdin,
      );
      const { file, publicKey: key } = created.parse(jsonOf(ended));
      assert.equal(key, scene.publicKey);
      assert.equal((await unlockKeystore(file, scene.passphrase)).publicKey, key);
      assert.deepEqual(readdirSync(out).length, 1, "no temporary file is left");
    });

  it("list shows whose keys are there, and what cannot be read", async () => {
    const folder = scene.at("listed");
    mkdirSync(folder);
    await scene.run(["signer", "import", "--stdin", "--out", folder, ...fast, ...phrase], scene.secret);
    scene.file("listed/broken.json", scene.secret);
    scene.file("listed/no keystore.txt", "");
    const { keystores, unreadable } = z
      .object({
        keystores: z.array(z.object({ publicKey, kdf: z.string() })),
        unreadable: z.array(z.object({ file: z.string(), why: z.string() })),
      })
      .parse(jsonOf(await scene.run(["--json", "signer", "list", folder])));
    assert.deepEqual(keystores, [{ publicKey: scene.publicKey, kdf: "pbkdf2" }]);
    assert.match(unreadable[0]?.why ?? "", /broken\.json cannot be used: it is no JSON/);
    const text = await scene.run(["signer", "list", folder]);
    assert.match(text.stdout, new RegExp(`^${scene.publicKey}  pbkdf2  .*keystore-.*\\.json\n`));
    assert.equal((await scene.run(["signer", "list", scene.at("data-that-is-not")])).code, usage);
  });
});

describe("dchat signer protection", () => {
  const records = scene.at("signing-records.sqlite");
  const statement = {
    domain: scene.domain,
    lane: laneOf("A-B"),
    nonce: 5n,
    accumulator: hashOf("acc"),
    epoch: 1n,
  };
  before(async () => {
    const writing = new SqliteSigningRecords(records, { create: true });
    await writing.checkAndRecord(scene.publicKey, statement);
    await writing.checkAndRecord(scene.publicKey, { ...statement, nonce: 9n });
    writing.close();
  });
  const kindOf = async (file: string, change: object) => {
    const reading = new SqliteSigningRecords(file, { create: false });
    const { kind } = await reading.checkAndRecord(scene.publicKey, { ...statement, ...change });
    reading.close();
    return kind;
  };

  it("export and import move a validator; what it signed is refused there in any other way", async () => {
    const out = scene.at("export.json");
    const exported = await scene.run([
      "signer",
      "protection",
      "export",
      "--records",
      records,
      "--out",
      out,
      "--json",
    ]);
    assert.deepEqual(jsonOf(exported), { file: out, validators: 1, points: 2 });
    assert.equal(statSync(out).mode & 0o777, 0o600);
    const moved = scene.at("moved/signing-records.sqlite");
    const imported = await scene.run(["signer", "protection", "import", out, "--records", moved, "--json"]);
    assert.deepEqual(jsonOf(imported), {
      ...{ records: moved, isNew: true, validators: 1 },
      ...{ added: 2, known: 0, closed: 0 },
    });
    assert.equal(await kindOf(moved, {}), "sign");
    assert.equal(await kindOf(moved, { accumulator: hashOf("other") }), "conflict");
    assert.equal(await kindOf(moved, { nonce: 8n }), "below-mark");
    assert.equal(await kindOf(moved, { nonce: 10n }), "sign");
  });

  it("export prints the document itself, and import reads it from standard input, twice to the same effect", async () => {
    const args = ["signer", "protection", "export", "--records", records];
    const [text, json] = [await scene.run(args), await scene.run([...args, "--json"])];
    assert.deepEqual(JSON.parse(text.stdout), jsonOf(json));
    const other = scene.at("piped.sqlite");
    for (const expected of [/2 points are new, 0 were known/, /0 points are new, 2 were known/]) {
      const ended = await scene.run(["signer", "protection", "import", "-", "--records", other], text.stdout);
      assert.equal(ended.code, success, ended.stderr);
      assert.match(ended.stdout, expected);
    }
  });

  it("raise closes every lane of the network, or some, for a validator whose records are lost", async () => {
    const lost = scene.at("lost.sqlite");
    const raise = [
      "signer",
      "protection",
      "raise",
      "--records",
      lost,
      "--validator",
      scene.publicKey,
      "--json",
    ];
    const all = await scene.run([...raise, "--minimum-nonce", "7"]);
    const { lanes } = z.object({ lanes: z.array(z.string()) }).parse(jsonOf(all));
    assert.deepEqual(lanes, ["A → B", "B → A"]);
    const some = await scene.run([...raise, "--minimum-nonce", "8", "--from", "b"]);
    assert.deepEqual(z.object({ lanes: z.array(z.string()) }).parse(jsonOf(some)).lanes, ["B → A"]);
    const reading = new SqliteSigningRecords(lost, { create: false });
    const marks = reading.export().data[0]?.low_water_marks.map(({ nonce }) => nonce);
    assert.deepEqual(marks?.toSorted(), [7n, 8n]);
    reading.close();
  });
});

describe("secrets", () => {
  it("stood in nothing that the commands above said", () => {
    assert(scene.heard.length > 20);
    for (const text of scene.heard) scene.assertNoSecret(text);
  });

  it("do not get into logs with keys, errors or objects that hold them", async () => {
    let logged = "";
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logged += chunk.toString();
        done();
      },
    });
    const logger = pino(loggerOptions("trace", { role: "signer" }), stream);
    const { file } = await createKeystore(scene.folder, getBytes(scene.secret), scene.passphrase, {
      work: 2,
    });
    const key = await unlockKeystore(file, scene.passphrase);
    logger.info({ key, nested: { key } }, "a key");
    const wrong = await unlockKeystore(file, `${scene.passphrase}?`).catch((error: unknown) => error);
    logger.error({ err: wrong }, "an error");
    const { secret, passphrase } = scene;
    logger.warn({
      secretKey: secret,
      passphrase,
      options: { secretKey: secret, privateKey: secret, passphrase },
    });
    assert.match(logged, /does not open the keystore/);
    scene.assertNoSecret(logged);
  });
});
