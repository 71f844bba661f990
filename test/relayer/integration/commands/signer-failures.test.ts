import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { assertFailed, dchat, type Failure, jsonOf } from "../../../e2e/support/cli.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { exitCodes } from "../../../../relayer/platform/exit-codes.ts";
import { hashOf, laneOf } from "../../support/bridge.ts";
import { until } from "../../support/processes.ts";
import { SignerScene } from "../../support/signer-commands.ts";

const { failure, usage, configuration } = exitCodes;
const scene = new SignerScene();
const phrase = ["--passphrase-file", scene.at("passphrase")] as const;
const fast = ["--kdf", "pbkdf2"] as const;
const created = z.object({ file: z.string() });

after(() => {
  scene.remove();
});

describe("a signer command that cannot be done says why, and does nothing", { concurrency: 2 }, () => {
  type Case = Failure & { readonly args: readonly string[]; readonly stdin?: string };
  const keygen = ["signer", "keygen", "--out", scene.at("keys"), ...fast];
  const importing = ["signer", "import", "--out", scene.at("keys"), ...fast];
  const phraseIn = (name: string, text: string, mode?: number) => [
    "--passphrase-file",
    scene.file(name, text, mode),
  ];
  const nothing = /Nothing was (signed or written|written|done|started|imported|signed)/;
  const document = (change: object, metadata: object = {}) =>
    JSON.stringify({
      metadata: { interchange_format_version: "5", domains: [scene.domain], ...metadata },
      data: [
        {
          pubkey: scene.publicKey,
          signed_points: [
            { domain: scene.domain, lane: laneOf("A-B"), nonce: "1", accumulator: hashOf("acc"), epoch: "1" },
            {
              ...{
                domain: scene.domain,
                lane: laneOf("A-B"),
                nonce: "2",
                accumulator: hashOf("acc"),
                epoch: "1",
              },
              ...change,
            },
          ],
        },
      ],
    });
  const taken = scene.at("taken.sqlite");
  const protectionImport = ["signer", "protection", "import", "-", "--records", taken];
  const refused = (stdin: string, ...says: RegExp[]): Case => ({
    ...{ args: protectionImport, stdin, exit: usage, code: "INTERCHANGE" },
    says: [...says, /Nothing was imported, and the records are as they were/],
  });
  const start = (...args: string[]) => ["relayer", "start", "--role", "signer", ...args];
  const keystore = scene.at("failing/keystore.json");

  before(async () => {
    mkdirSync(scene.at("failing"));
    const ended = await scene.run(
      ["signer", "import", "--json", "--stdin", "--out", scene.at("failing"), ...fast, ...phrase],
      scene.secret,
    );
    const { file } = created.parse(jsonOf(ended));
    scene.file("failing/keystore.json", readFileSync(file, "utf8"));
    const other = hashOf("another").slice(2);
    scene.file("failing/other.json", readFileSync(file, "utf8").replace(scene.publicKey.slice(2), other));
    const empty = new SqliteSigningRecords(taken, { create: true });
    empty.close();
  });
  after(() => {
    const reading = new SqliteSigningRecords(taken, { create: false });
    assert.deepEqual(reading.export().data, []);
    reading.close();
  });

  const cases: Readonly<Record<string, () => Case>> = {
    "keygen without a pass-phrase or a terminal": () => ({
      ...{ args: keygen, exit: usage, code: "PASSPHRASE" },
      says: [/no terminal/, nothing, /--passphrase-file/],
    }),
    "keygen with a short pass-phrase": () => ({
      ...{ args: [...keygen, ...phraseIn("short", "7 chars\n")], exit: usage, code: "PASSPHRASE" },
      says: [/shorter than 8 characters/, nothing],
    }),
    "keygen with an empty pass-phrase": () => ({
      ...{ args: [...keygen, ...phraseIn("empty", "\n")], exit: configuration, code: "PASSPHRASE" },
      says: [/the file holds none/, nothing],
    }),
    "keygen with a pass-phrase that others can read": () => ({
      ...{ args: [...keygen, ...phraseIn("open", scene.passphrase, 0o644)], exit: configuration },
      ...{ code: "PASSPHRASE", says: [/others may read it; run "chmod 600/, nothing] },
    }),
    "keygen with the pass-phrase in place of its file": () => ({
      ...{
        args: [...keygen, "--passphrase-file", scene.passphrase],
        exit: configuration,
        code: "PASSPHRASE",
      },
      says: [/there is no such file/, nothing],
    }),
    "keygen with the pass-phrase as an argument": () => ({
      ...{ args: [...keygen, `--passphrase=${scene.passphrase}`], exit: usage, code: "USAGE" },
      says: [/^(error: )?unknown option '--passphrase'/],
    }),
    "keygen into a folder that cannot be made": () => ({
      args: ["signer", "keygen", "--out", "/dev/null/keys", ...fast, ...phrase],
      ...{ exit: failure, code: "KEYSTORE", says: [/not a directory/, nothing, /that you may write to/] },
    }),
    "import of a key that has a keystore": () => ({
      args: ["signer", "import", "--stdin", "--out", scene.at("failing"), ...fast, ...phrase],
      stdin: scene.secret,
      ...{ exit: failure, code: "KEYSTORE_EXISTS", says: [/never overwritten/, nothing] },
    }),
    "import of nothing": () => ({
      ...{
        args: [...importing, ...phrase],
        exit: usage,
        code: "USAGE",
        says: [/--key-file or from --stdin/, nothing],
      },
    }),
    "import of half a key": () => ({
      ...{ args: [...importing, "--stdin", ...phrase], stdin: scene.secret.slice(0, 40), exit: usage },
      ...{ code: "KEY_FILE", says: [/holds no key/, nothing] },
    }),
    "import of the key in place of its file": () => ({
      ...{
        args: [...importing, "--key-file", scene.secret, ...phrase],
        exit: configuration,
        code: "KEY_FILE",
      },
      says: [/stands a key itself/, nothing],
    }),
    "import of a key that others can read": () => ({
      args: [...importing, "--key-file", scene.file("open.key", scene.secret, 0o644), ...phrase],
      ...{ exit: configuration, code: "KEY_FILE", says: [/chmod 600/, nothing] },
    }),
    "a signer without a key": () => ({
      ...{
        args: start(),
        exit: usage,
        code: "USAGE",
        says: [/--keystore and --passphrase-file, or --key-file/],
      },
    }),
    "a signer with two keys": () => ({
      args: start("--keystore", keystore, ...phrase, "--key-file", scene.at("validator.key")),
      ...{ exit: usage, code: "USAGE", says: [/name one key/, nothing] },
    }),
    "a signer with another pass-phrase": () => ({
      args: start("--keystore", keystore, ...phraseIn("other", `${scene.passphrase}?`)),
      ...{ exit: configuration, code: "PASSPHRASE", says: [/does not open the keystore/, nothing] },
    }),
    "a signer with a keystore of another key": () => ({
      args: start("--keystore", scene.at("failing/other.json"), ...phrase),
      ...{ exit: configuration, code: "KEYSTORE", says: [/is not the pubkey that it names/, nothing] },
    }),
    "a signer with a plain key for a keystore": () => ({
      args: start("--keystore", scene.at("validator.key"), ...phrase),
      ...{ exit: configuration, code: "KEYSTORE", says: [/it is no JSON/, nothing] },
    }),
    "export of records that are not there": () => ({
      args: ["signer", "protection", "export", "--records", scene.at("nowhere.sqlite")],
      ...{
        exit: configuration,
        code: "SIGNING_RECORDS",
        says: [/there is no such file/, /Nothing will be signed/],
      },
    }),
    "export over a file": () => ({
      args: ["signer", "protection", "export", "--records", taken, "--out", scene.at("passphrase")],
      ...{ exit: failure, code: "EXPORT", says: [/cannot be written/, nothing] },
    }),
    "import of another format version": () =>
      refused(
        document({}, { interchange_format_version: "4" }),
        /metadata\.interchange_format_version: .*"5"/,
      ),
    "import of a malformed accumulator": () =>
      refused(
        document({ accumulator: "0x12" }),
        /data\[0\]\.signed_points\[1\]\.accumulator: expected a hash/,
      ),
    "import of a nonce beyond 64 bits": () =>
      refused(
        document({ nonce: "18446744073709551616" }),
        /signed_points\[1\]\.nonce: expected a number below 2\^64/,
      ),
    "import of a nonce that is no text": () => refused(document({ nonce: 2 }), /signed_points\[1\]\.nonce: /),
    "import of something unknown": () => refused(document({ slot: "1" }), /signed_points\[1\]: .*"slot"/),
    "import of a key, by mistake": () => refused(scene.secret, /it is no JSON/),
    "import of a file that is not there": () => ({
      args: ["signer", "protection", "import", scene.at("nowhere.json"), "--records", taken],
      ...{ exit: usage, code: "INTERCHANGE", says: [/no such file/, nothing] },
    }),
    "import of another bridge's records": () => ({
      ...{ args: protectionImport, stdin: document({ domain: hashOf("elsewhere") }), exit: usage },
      ...{ code: "FOREIGN_DOMAIN", says: [new RegExp(hashOf("elsewhere")), nothing, /add --foreign/] },
    }),
    "a validator that is no public key": () => ({
      args: [
        "signer",
        "protection",
        "raise",
        "--records",
        taken,
        "--validator",
        "0x12",
        "--minimum-nonce",
        "1",
      ],
      ...{ exit: usage, code: "PUBLIC_KEY", says: [/no public key/, nothing] },
    }),
    "a minimum nonce that is none": () => ({
      args: [
        "signer",
        "protection",
        "raise",
        "--records",
        taken,
        "--validator",
        scene.publicKey,
        "--minimum-nonce",
        "0",
      ],
      ...{ exit: usage, code: "NONCE", says: [/"0" is no nonce/, nothing] },
    }),
  };
  for (const [name, make] of Object.entries(cases))
    it(name, async () => {
      const { args, stdin, ...expected } = make();
      const folder = readdirSync(scene.at("keys"));
      assertFailed(await scene.run(["--json", ...args], stdin), expected);
      assert.deepEqual(readdirSync(scene.at("keys")), folder, "nothing was written");
    });
});

it("a signer whose keystore opens waits for Redis, and says so", async () => {
  const keystore = scene.at("failing/keystore.json");
  const role = ["relayer", "start", "--role", "signer", "--keystore", keystore, ...phrase];
  const signer = dchat(["--config", scene.at("network.json"), ...role]);
  await until("it waits", () =>
    /Redis at 127\.0\.0\.1:1 cannot be used.*No message is lost.*not ready yet/.test(signer.stdout()),
  );
  signer.child.kill("SIGTERM");
  const { stdout, stderr } = await signer.ended;
  scene.heard.push(stdout, stderr);
});

it("neither the key nor its pass-phrase stood in anything that these commands said", () => {
  assert(scene.heard.length > 50);
  for (const text of scene.heard) scene.assertNoSecret(text);
});
