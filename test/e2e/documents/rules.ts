import type { DocumentScene } from "./scene.ts";

/** How a documented command is run. The first rule that fits is the one that holds; without one, it is run as it stands. */
export type Rule = {
  /** The commands that it is about, as they stand in the document. */
  readonly of: RegExp;
  /** In this document alone. */
  readonly in?: string;
  /** What stands there for its reader to fill in, and with what the test does. */
  readonly fill?: readonly (readonly [
    place: string | RegExp,
    value: (scene: DocumentScene) => string | Promise<string>,
  ])[];
  /** What is done before it, for it to have something to do. */
  readonly before?: (scene: DocumentScene) => Promise<unknown>;
  /** What is put right after it. */
  readonly after?: (scene: DocumentScene) => void;
  /** It does not end with exit code 0, and says why. */
  readonly ends?: { readonly code: number; readonly says: RegExp };
  /** It did what it is for and judged what it saw, by this exit code and these words: other tests hold its judgement to what is right. */
  readonly or?: { readonly code: number; readonly says: RegExp };
  /** It goes on until it is ended: when it has said this it is asked to end. */
  readonly until?: RegExp;
  /** It is run by another test, which is this file. */
  readonly elsewhere?: string;
  /** It is not run at all, for this reason. */
  readonly leftOut?: string;
};

type Fill = NonNullable<Rule["fill"]>[number];

const as = (name: string): Fill => ["0x…", (scene) => scene.addressOf(name)];
const inEscrow = (state: "locked" | "delivered" | "disputed"): Fill => ["ID", (scene) => scene.escrow(state)];
/** Dates in documents pass. */
const inTime: Fill = ["2027-01-31", () => new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)];
const queue: Fill = ["QUEUE", (scene) => scene.queue];
const at = (port: number, actual: (scene: DocumentScene) => number | undefined): Fill => [
  `127.0.0.1:${port}`,
  (scene) => `127.0.0.1:${String(actual(scene))}`,
];
const api = at(8_080, ({ network }) => network.api.port);
const alerting = at(9_093, ({ network }) => network.alerting?.api.port);
const passphrase: Fill = [/$/g, () => " --passphrase-file passphrase"];

export const rules: readonly Rule[] = [
  // The two commands, and what continuous integration runs.
  { of: /^npm start( -- --once)?$/, elsewhere: "test/e2e/start.test.ts" },
  { of: /^npm start -- --chaos( --time-scale 10)?$/, elsewhere: "test/e2e/chaos.test.ts" },
  { of: /^npm start -- --chaos --rootless$/, elsewhere: "test/e2e/rootless.test.ts" },
  { of: /^npm (test|run lint|run typecheck)$/, elsewhere: ".ci/run" },
  { of: /^npm run build$/, elsewhere: "test/e2e/build.test.ts" },
  { of: /^npm run bench(?!:)/, elsewhere: "test/tooling/bench-suite.test.ts" },
  { of: /^npm run bench:peers/, leftOut: "it installs other bridges' contracts, which nothing else needs" },
  { of: /^npm run (docs|lint:docs)$/, elsewhere: ".ci/run" },
  { of: /^npm run (sbom|lint:supply)/, elsewhere: "test/tooling/supply-chain.test.ts" },

  // Whole documents that have tests of their own.
  { in: "docs/operations/drills.md", of: /./, elsewhere: "test/e2e/drills.test.ts" },
  { in: "docs/operations/deployment.md", of: /./, elsewhere: "test/e2e/deployment.test.ts" },
  { in: "docs/operations/production.md", of: /./, elsewhere: "test/e2e/build.test.ts" },

  // Roles: ready, then ended.
  {
    of: /relayer start --role /,
    fill: [["keys/keystore-….json", ({ keystore }) => keystore]],
    until: /"ready":true/,
  },

  // Messages and escrows.
  { of: / message <id>$/, fill: [["<id>", ({ message }) => message]] },
  {
    of: / message retry /,
    fill: [["MESSAGE", ({ message }) => message]],
    ends: { code: 1, says: /was executed already/ },
  },
  {
    of: / escrow create /,
    fill: [
      ["--arbiter 0x…", (scene) => `--arbiter ${scene.addressOf("arbiter")}`],
      ["0x…:1000", (scene) => `${scene.addressOf("operator-3")}:1000`],
      as("seller"),
      inTime,
    ],
  },
  { of: / escrow (deliver|refund ID --amount|sign ID refund)/, fill: [inEscrow("locked")] },
  {
    of: / escrow (resolve|sign ID (resolve|evidence)|evidence)/,
    fill: [inEscrow("disputed"), inTime, ["ipfs://…", () => "ipfs://bafy"]],
  },
  {
    of: / escrow (release|refund|dispute|sign ID release)/,
    fill: [inEscrow("delivered"), ["ipfs://…", () => "ipfs://bafy"]],
  },
  {
    of: / escrow expire /,
    fill: [["ID", (scene) => scene.dueEscrow()]],
    after: (scene) => {
      scene.resumeKeeper();
    },
  },
  { of: / escrow claim /, fill: [as("seller")], ends: { code: 1, says: /[Nn]othing/ } },
  { of: / escrow /, fill: [inEscrow("disputed"), ["ipfs://…", () => "ipfs://bafy"]] },
  { of: /^curl /, fill: [api, as("wallet")] },

  // Validators and signers. A set is formed of whoever is there; whoever left joins again with another key.
  { of: / validator exit /, fill: [["0x<public key>", (scene) => scene.validatorOf("operator-1")]] },
  {
    of: / validator unjail /,
    fill: [["0x<public key>", (scene) => scene.validatorOf("operator-1")]],
    ends: { code: 1, says: /ValidatorGone/ },
  },
  { of: / validator register /, ends: { code: 1, says: /Nothing was changed/ } },
  { of: / signer (keygen|import) /, fill: [passphrase] },
  {
    of: / signer protection raise /,
    fill: [
      ["new/signing-records.sqlite", () => "raised/signing-records.sqlite"],
      ["0x…", (scene) => scene.validatorOf("operator-2")],
    ],
  },
  { of: / signer protection export /, fill: [["…/signing-records.sqlite", (scene) => scene.records]] },
  {
    of: / signer protection import /,
    fill: [["…/signing-records.sqlite", () => "new/signing-records.sqlite"]],
  },

  { of: / backup restore /, elsewhere: "test/e2e/drills.test.ts" },

  // Queues, alerts, speech.
  {
    of: / queue failed /,
    before: (scene) => scene.plantDeadLetter(),
    fill: [["[QUEUE]", ({ queue: name }) => name]],
  },
  {
    of: / queue (retry|remove) /,
    before: (scene) => scene.plantDeadLetter(),
    fill: [queue, [" [JOB]", () => " planted"]],
  },
  { of: / queue pause /, fill: [queue, [/$/g, ({ queue: name }) => ` && dchat queue resume ${name}`]] },
  { of: / alerting silence expire /, fill: [["ID", (scene) => scene.silence()]] },
  { of: / alerting ack /, before: (scene) => scene.fire("LaneStuck") },
  { of: / alerting test /, fill: [["pager", ({ receiver }) => receiver]] },
  { of: /^amtool /, fill: [alerting] },

  // Chaos: what lasts five minutes there, and is over in five seconds here.
  {
    of: / chaos run (?!.*--preview)/,
    fill: [[/$/g, () => " --time-scale 60 --tier portable"]],
    or: { code: 1, says: /report: dchat chaos report/ },
  },
  {
    of: / chaos campaign /,
    fill: [["--windows 20 --messages 200", () => "--windows 2 --messages 5 --tier portable"]],
    or: { code: 1, says: /report: dchat chaos report/ },
  },
  { of: / chaos check$/, or: { code: 1, says: /^[a-z-]+: /m } },
  { of: / chaos report /, fill: [["ID", (scene) => scene.chaosRun()]] },
  { of: / doctor$/, or: { code: 1, says: /^fail {2}/m } },
  {
    of: / doctor \[/,
    or: { code: 1, says: /"healthy":false/ },
    fill: [["[--keystore FILE …] [--json]", ({ keystore }) => `--keystore ${keystore} --json`]],
  },
];
