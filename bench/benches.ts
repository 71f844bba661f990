import { aboutPeers, measureAlerts } from "./alerts/index.ts";
import { measureAgreement } from "./agreement/ed25519.ts";
import { bridgeGas } from "./gas/bridge.ts";
import { escrowGas } from "./gas/escrow.ts";
import { slashingGas } from "./gas/slashing.ts";
import { measureCodeSizes, measureCrypto, type Figures } from "./gas/crypto.ts";
import { measureBridge } from "./bridge/index.ts";
import { CHAOS_OPTIONS, type ChaosBenchOptions, measureChaos } from "./chaos/index.ts";
import { measurePages } from "./pages/index.ts";
import type { PeerName } from "./report/result.ts";
import { measureSigner } from "./signer.ts";
import { measureSpeech } from "./speech/index.ts";

/** Told of what is said beside the figures. */
export type Note = (about: Readonly<Record<string, unknown>>) => void;

/** A benchmark: measurements whose figures are put together. */
export type Bench = {
  /** What the figures are, and how they were taken. */
  readonly about: string;
  readonly measurements: readonly ((options: Partial<ChaosBenchOptions>, note: Note) => Promise<Figures>)[];
  /** Which of its `peer.` figures stand beside ours in tables. */
  readonly peers?: Readonly<Record<string, PeerName>>;
};

/** What `npm run bench` runs, in this order. */
export const ALL = ["gas", "bridge", "signer", "alerts", "speech", "chaos"] as const;

const peer = (figure: string, by: string): PeerName => ({ figure, by });

/** Every benchmark by its name. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  gas: {
    about:
      "Osaka. escrow.*: gasUsed of whole transactions, warm balances; expireBatch20Each: twenty sales of one seller. bridge.*, slashing.*: gasUsed of whole transactions, second message, 64-byte body, idle receiver, 2-of-3 Ed25519 unless said; the token batch pays ten holders; rotate19BeyondQuorum: less the verifier's own work. ed25519, sha512, bls: execution gas beyond 21,000 and calldata. bls.verify100: 67 of a set of 100; verify1 and verify13 are of that set, too.",
    measurements: [escrowGas, measureCrypto, bridgeGas, slashingGas],
    peers: {
      "peer.openzeppelin.multiSigner.ed25519.verify13": peer("ed25519.verify13", "OpenZeppelin MultiSigner"),
    },
  },
  bridge: {
    about:
      "Two chains, Redis and every role of the fleet as `npm start` runs them, on this machine. Each transfer is a token transfer in a transaction and a block of its own. Latencies run from the source log to the destination's receipt, over 300 transfers at ten a second; Rpc100Ms: on a second network, every request to a node takes 100 ms longer. Sustained: 10,000 transfers sent as fast as the origin takes them, from the first source log to the last receipt. memoryMb: resident memory of each process after that load; cpuMsPerTransfer: what each took of the processors for one transfer of it. AtBacklog: 2,000, 10,000 and 100,000 messages to an idle receiver wait, and 2,000 of them are delivered for the figure; the indexer stands still meanwhile.",
    measurements: [measureBridge],
  },
  signer: {
    about:
      "One signer, 16 points under way: each is decided, recorded in SQLite on the disk of the working folder, flushed, and signed with Ed25519. peer.oneByOne: the same with one point under way, so that no two share a flush; peer.diskFlushes: a page written and flushed, again and again. Medians of 5 rounds of a second.",
    measurements: [measureSigner],
    peers: {
      "peer.oneByOneDecisionsPerSecond": peer("durableDecisionsPerSecond", "one at a time"),
      "peer.diskFlushesPerSecond": peer("durableDecisionsPerSecond", "bare flushes"),
    },
  },
  alerts: {
    about: `One engine, its SQLite file on the disk of the working folder, and a receiver of webhooks in a process of its own; the notifier is woken in the process, as it is while Redis is away. evaluate10kRules: 10,000 rules that select a series each, median of 9. singleAlert: from the call that takes it in to the webhook received, 300 one after the other. notificationsPerSecond: 10,000 alerts in posts of 100 as fast as they are taken, each a group and a webhook of its own; notificationMs: another 10,000 at 2,000 a second, from the post of each. memoryMb: the engine's process at its most until then. overdueLevel: a level of an escalation falls due while no engine runs; from opening the memory again to its webhook, the worst of 5. flipToPage: a value on a scraped page of 10,000 series changes, until the webhook; the median and the worst of 5. ${aboutPeers()}`,
    measurements: [measureAlerts],
    peers: {
      "peer.evaluate10kRulesMs": peer("evaluate10kRulesMs", "Prometheus"),
      "peer.singleAlertMsP99": peer("singleAlertMsP99", "Alertmanager"),
      "peer.notificationsPerSecond": peer("notificationsPerSecond", "Alertmanager"),
      "peer.notificationMsP99": peer("notificationMsP99", "Alertmanager"),
    },
  },
  speech: {
    about:
      "firstPcm*: from a job's being added to Redis to its first samples, through the durable queue, flite's voice slt, 60 alerts of six kinds, none of which begins like another; KnownOpening: the same 60 again. urgentAudible*: alerts as alerting words them (\"critical: …\"), while a tone is played; these and silence*: on a null sink of PulseAudio, recorded; the recorder's delay is in them; left out where PulseAudio is not installed. realTimeFactor: work of one thread for a second of speech, median of 18 alerts. queueOp*: mean of adding, removing by id, and taking and putting back, medians of 401 rounds. ssmlDocumentsPerSecond: parsed and validated, three short documents.",
    measurements: [measureSpeech],
  },
  chaos: {
    about:
      "Two fleets as `npm start -- --chaos --time-scale N` runs them, on this machine, with transfers there and back all the while: one in compressed time for the scenarios, one in full time for the campaign. scenariosPassed: of the ten of the catalogue, by `dchat chaos run`. lost, doubled, stuck: of all messages that both Outboxes ever logged, over scenarios and campaign, counted from both chains' logs after it all: not executed though their lane has gone on; executed again; not executed within two minutes of the end. windowsEffectiveShare: of the campaign's windows, those of which every fault was measured to bite while messages were on their way. recoverySecondsP95: of the campaign's bursts of faults that overlap, from the healing of the last of each to the next execution of any message; OfSingleFaults, beside it: of its faults, from the healing of each, while others of its burst may still last. plantedBugsCaughtShare: of the bugs planted in an honest history, by the rule that is there for each.",
    measurements: [(options, note) => measureChaos({ ...CHAOS_OPTIONS, ...options }, note)],
  },
  size: {
    about: "Bytes of deployed code",
    measurements: [measureCodeSizes],
  },
  agreement: {
    about:
      "Signatures on which noble, the TypeScript module and the contracts were compared; they never differed.",
    measurements: [measureAgreement],
  },
  pages: {
    about:
      "Both built pages in Chromium, on a screen of 360 by 740 and a processor slowed down four times (DevTools), from loopback, with an API of made-up answers; the wallet is there already. Each view is opened seven times, each time by a browser that has never seen it; medians. ready: from the navigation until what the view is for can be used. totalBlocking: what of tasks after the first paint until then was beyond 50 ms. layoutShift: the sum of all shifts that nobody caused. bytes: gzipped, the API's answers included. rows1000: a list of a thousand escrows; busyMsPerSecond: work of the page's thread while nobody does anything; searchMsPerLetter: from a key to the painted list.",
    measurements: [measurePages],
  },
};
