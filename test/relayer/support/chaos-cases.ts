import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { z } from "zod";
import type { faultSchema } from "../../../relayer/chaos/core/fault.ts";
import type { ProcessTarget, Target, Tier } from "../../../relayer/chaos/core/target.ts";
import { RetryableError } from "../../../relayer/domain/errors.ts";
import { diskShimEnv } from "../../../relayer/chaos/adapters/linux/disk-shim.ts";
import { isInspectorOpen } from "../../../relayer/chaos/adapters/inspector.ts";
import {
  measureClock,
  measureDisk,
  measureEventLoop,
} from "../../../relayer/chaos/adapters/probes/inside.ts";
import { type LinkTrial, tryLink } from "../../../relayer/chaos/adapters/probes/links.ts";
import {
  measureCpuOf,
  processState,
  residentMemory,
} from "../../../relayer/chaos/adapters/probes/machine.ts";
import { type ChaosScene, leaseIds, makeLink, processesLike, toxicsOn } from "./chaos-scene.ts";

type FaultInput = z.input<typeof faultSchema>;
type Where = {
  readonly scene: ChaosScene;
  readonly api: string;
  readonly node: FakeHttpNode;
  /** The folder of a disk shim, for cases of the Linux tier. */
  readonly shimFolder: string | undefined;
};
type Prepared = {
  readonly targets: readonly Target[];
  /** Measured by probes and the system, not by what the injector noted. */
  readonly bites: () => Promise<boolean>;
  readonly isHealed: () => Promise<boolean>;
};
/** A fault with what shows that it bites, and that nothing of it is left. */
export type FaultCase = {
  readonly name: string;
  readonly tier: Tier;
  readonly fault: FaultInput;
  readonly prepare: (where: Where) => Promise<Prepared>;
};

const NEWEST = 100n;
const hashOf = (number: bigint) => `0x${number.toString(16).padStart(64, "0")}`;

/** A node over HTTP with a hundred blocks. */
export class FakeHttpNode implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeHttpNode> {
    const server = createServer((request, response) => {
      void json(request).then((asked) => {
        const { id, params } = Object(asked) as { id: unknown; params: [string] };
        const number = params[0].startsWith("0x") ? BigInt(params[0]) : NEWEST;
        const result = { number: `0x${number.toString(16)}`, hash: hashOf(number) };
        response
          .setHeader("content-type", "application/json")
          .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeHttpNode(server);
  }

  get address(): string {
    const bound = this.#server.address();
    assert(bound !== null && typeof bound === "object");
    return `127.0.0.1:${bound.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

/** A fault of a link, shown by one question through it. */
function onLink(tier: Tier, fault: FaultInput, bites: (trial: LinkTrial) => boolean, more = ""): FaultCase {
  return {
    name: `${fault.type}${more}`,
    tier,
    fault,
    prepare: async ({ api, node }) => {
      const link = await makeLink(
        api,
        `watcher>${fault.type}${more.replaceAll(" ", "-")}-${tier}`,
        node.address,
      );
      const ask = () => tryLink(link.port, "rpc", 500);
      const before = await ask();
      assert(
        before.isAnswered && !bites(before),
        JSON.stringify(before, (_, value: unknown) => String(value)),
      );
      return {
        targets: [link],
        bites: async () => bites(await ask()),
        isHealed: async () => {
          const trial = await ask();
          return trial.isAnswered && !bites(trial) && (await toxicsOn(api)).length === 0;
        },
      };
    },
  };
}

/** A fault inside a Node process. */
function inProcess(
  tier: Tier,
  fault: FaultInput,
  asked: (target: ProcessTarget, folder: string) => Promise<boolean>,
): FaultCase {
  return {
    name: fault.type,
    tier,
    fault,
    prepare: async ({ scene, shimFolder }) => {
      const env = shimFolder === undefined ? {} : diskShimEnv(shimFolder, "signer-1");
      const target = await scene.target("signer-1", env);
      assert.equal(await asked(target, scene.folder), false);
      // When the fault ends, its inspector is closed, whoever is asking then.
      const ask = () =>
        asked(target, scene.folder).catch((error: unknown) => {
          if (error instanceof RetryableError) return undefined;
          throw error;
        });
      return {
        targets: [target],
        bites: async () => (await ask()) === true,
        // In this order: the probe opens the inspector by itself, for a moment.
        isHealed: async () =>
          !(await isInspectorOpen(target)) &&
          (await ask()) === false &&
          (shimFolder === undefined || readdirSync(shimFolder).every((name) => name === "libdisk-shim.so")),
      };
    },
  };
}

const isSlow = (milliseconds: number) => (trial: LinkTrial) =>
  trial.isAnswered && trial.milliseconds >= milliseconds;
const isMute = (trial: LinkTrial) => !trial.isAnswered;

const MEGABYTES = 300;
/** The journal of leases, in the folder of a scene. */
const JOURNAL = "leases.sqlite";
/** Who takes CPU and memory for a scene's leases, found by the system. */
const burnersOf =
  ({ folder }: ChaosScene) =>
  () =>
    processesLike(/burner-program|^stress-ng/, leaseIds(join(folder, JOURNAL)));

// Others work on the machine, too: they take CPU from the burners, and take and give memory. So these are looked at alone.
const cpu = (tier: Tier): FaultCase => ({
  name: "CpuSpike",
  tier,
  fault: { type: "CpuSpike", percent: 90 },
  prepare: async ({ scene }) => {
    const burners = burnersOf(scene);
    return {
      targets: [await scene.target("signer-1")],
      bites: async () => (await measureCpuOf(burners, 500)) >= 0.1,
      isHealed: () => Promise.resolve(burners().length === 0),
    };
  },
});
const memory = (tier: Tier): FaultCase => ({
  name: "MemoryPressure",
  tier,
  fault: { type: "MemoryPressure", megabytes: MEGABYTES },
  prepare: async ({ scene }) => {
    const burners = burnersOf(scene);
    return {
      targets: [await scene.target("signer-1")],
      bites: () => Promise.resolve(burners().some((pid) => residentMemory(pid) >= MEGABYTES * 1_048_576)),
      isHealed: () => Promise.resolve(burners().length === 0),
    };
  },
});
const disk = (tier: Tier): readonly FaultCase[] => [
  inProcess(tier, { type: "DiskSlow", milliseconds: 300 }, async (target, folder) => {
    const { commitMilliseconds, flushMilliseconds } = await measureDisk(target, folder);
    return commitMilliseconds >= 300 && flushMilliseconds >= 300;
  }),
  inProcess(tier, { type: "DiskFull" }, async (target, folder) => {
    const { refusal } = await measureDisk(target, folder);
    return /full|ENOSPC/.test(refusal ?? "");
  }),
];

/** The faults of links by proxies. */
export const linkCases: readonly FaultCase[] = [
  onLink("portable", { type: "Latency", milliseconds: 150 }, isSlow(300)),
  onLink("portable", { type: "Latency", milliseconds: 250, direction: "upstream" }, isSlow(250), " one way"),
  onLink("portable", { type: "PacketLoss", percent: 100 }, isMute),
  onLink("portable", { type: "NetworkPartition" }, isMute),
  onLink("portable", { type: "NetworkPartition", direction: "downstream" }, isMute, " one way"),
  onLink(
    "portable",
    { type: "RpcLie" },
    (trial) => trial.isAnswered && trial.block?.number === NEWEST && trial.block.hash !== hashOf(NEWEST),
  ),
  onLink(
    "portable",
    { type: "RpcLag", blocks: 7 },
    (trial) =>
      trial.isAnswered && trial.block?.number === NEWEST - 7n && trial.block.hash === hashOf(NEWEST - 7n),
  ),
];

/** The faults of processes by signals and by processes of ours. */
export const processCases: readonly FaultCase[] = [
  {
    name: "ServiceCrash freeze",
    tier: "portable",
    fault: { type: "ServiceCrash", mode: "freeze" },
    prepare: async ({ scene }) => {
      const target = await scene.target("signer-1");
      return {
        targets: [target],
        bites: () => Promise.resolve(processState(target) === "stopped"),
        isHealed: () => Promise.resolve(processState(target) === "running"),
      };
    },
  },
  cpu("portable"),
  memory("portable"),
];

/** The faults inside processes, by their inspector. */
export const insideCases: readonly FaultCase[] = [
  inProcess("portable", { type: "EventLoopBlock", milliseconds: 400 }, async (target) => {
    return (await measureEventLoop(target, 1_000)) >= 350;
  }),
  inProcess("portable", { type: "ClockSkew", milliseconds: 3_600_000 }, async (target) => {
    return (await measureClock(target)) >= 3_500_000;
  }),
  ...disk("portable"),
];

/** The faults by the kernel and below the program, as far as this machine has the means. */
export const kernelCases: readonly FaultCase[] = [
  // The packets that set a connection up are held as well: twice there and twice back.
  onLink("linux", { type: "Latency", milliseconds: 80, jitterMilliseconds: 5 }, isSlow(280)),
  onLink("linux", { type: "Latency", milliseconds: 150, direction: "upstream" }, isSlow(290), " one way"),
  onLink("linux", { type: "Latency", milliseconds: 150, direction: "downstream" }, isSlow(290), " other way"),
  onLink("linux", { type: "PacketLoss", percent: 100 }, isMute),
  onLink("linux", { type: "NetworkPartition" }, isMute),
  onLink("linux", { type: "NetworkPartition", direction: "downstream" }, isMute, " one way"),
  cpu("linux"),
  memory("linux"),
  ...disk("linux"),
];

/** Makes what a case is done to. @param shimFolder of the disk shim with which its process is started */
export async function prepareCase(
  each: FaultCase,
  scene: ChaosScene,
  node: FakeHttpNode,
  shimFolder: string | undefined,
): Promise<Prepared & { readonly api: string; readonly journal: string; readonly holdFolder: string }> {
  const api = await scene.toxiproxy();
  const prepared = await each.prepare({ scene, api, node, shimFolder });
  return { ...prepared, api, journal: join(scene.folder, JOURNAL), holdFolder: scene.folder };
}
