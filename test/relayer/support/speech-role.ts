import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runningSpeakers } from "../../../relayer/speech/adapters/announcement.ts";
import { repository, type Running, start, until } from "./processes.ts";

const main = join(repository, "relayer/main.ts");
const address = `0x${"1".repeat(40)}`;

/** Chains that nobody runs: the role must speak all the same. */
const chain = (chainId: number) => ({
  ...{ chainId, rpcUrl: "http://127.0.0.1:9", finality: { depth: 0 }, outbox: address, inbox: address },
  ...{ deploymentBlock: 0, senderKeyFile: "key" },
});

/** The role `speech` as a process, with a configuration and a data folder in a folder of the test's. */
export class SpeechRole {
  /** Of the role, below the test's folder. */
  readonly speechFolder: string;
  readonly #configuration: string;
  #running: Running | undefined;

  constructor(folder: string, redisUrl: string, speech: Record<string, unknown>) {
    this.#configuration = join(folder, "network.json");
    this.speechFolder = join(folder, "data/speech");
    const network = { chains: { A: chain(1), B: chain(2) }, redisUrl, dataFolder: "data", speech };
    writeFileSync(this.#configuration, JSON.stringify({ ...network, api: { port: 1 } }));
  }

  /** Where it listens; `undefined` while it does not run. */
  get url(): string | undefined {
    return runningSpeakers(this.speechFolder)[0];
  }

  /** Starts it, and returns when it is ready. */
  async start(): Promise<void> {
    const running = this.#dchat("relayer", "start", "--role", "speech");
    this.#running = running;
    await until("the role is ready", () => {
      if (running.child.exitCode !== null) throw new Error(`${running.stdout()} ${running.stderr()}`);
      return running.stdout().includes('"ready":true');
    });
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#running?.child.kill(signal);
    await this.#running?.ended;
  }

  /** `dchat --json speech …` */
  async dchat(...words: readonly string[]) {
    const { code, stdout, stderr } = await this.#dchat("--json", "speech", ...words).ended;
    return { code, value: z.record(z.string(), z.unknown()).parse(JSON.parse(stdout)), stderr };
  }

  #dchat(...words: readonly string[]): Running {
    return start(process.execPath, [main, "--config", this.#configuration, ...words]);
  }
}
