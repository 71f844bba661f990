import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { exitCodes } from "../../../relayer/platform/exit-codes.ts";
import type { Failure } from "./cli.ts";
import type { Fleet } from "./fleet.ts";

/** A command line, the environment that it runs in, and how it fails. */
export type Case = Failure & { readonly args: readonly string[]; readonly env?: Record<string, string> };

/** The fleet that the commands are meant for, and a folder for files that are wrong. */
export class Scene {
  readonly fleet: Fleet;
  readonly scratch = mkdtempSync(join(tmpdir(), "dchat-cli-"));

  constructor(fleet: Fleet) {
    this.fleet = fleet;
  }

  /** Writes a file that only its owner can read. */
  readonly file = (name: string, text: string): string => {
    const path = join(this.scratch, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };

  /** Writes the fleet's configuration with a change. */
  readonly changed = (name: string, change: (network: Record<string, unknown>) => void): string => {
    const network = record.parse(JSON.parse(readFileSync(this.fleet.local.networkFile, "utf8")));
    change(network);
    return this.file(name, JSON.stringify(network));
  };

  remove(): void {
    rmSync(this.scratch, { recursive: true });
  }
}

const record = z.record(z.string(), z.unknown());

/** Nothing listens there: the port is reserved, and a server would need to be root's. */
const NOBODY = "127.0.0.1:1";
const UNKNOWN_ID = `0x${"ab".repeat(32)}`;

const { usage, failure, unavailable, configuration } = exitCodes;
const unsent = /Nothing was (sent|done|signed or sent|read or sent)/;

/** `dchat transfer` of 1 DEMO from A to B, with other or further options. */
export function transferOf(...options: readonly string[]): readonly string[] {
  const given = new Map([
    ["--from", "A"],
    ["--to", "B"],
    ["--amount", "1"],
    ["--token", "DEMO"],
  ]);
  for (let i = 0; i < options.length; i += 2) given.set(options[i] ?? "", options[i + 1] ?? "");
  return ["transfer", ...[...given].flat()];
}

/** Every bad input that a user or an operator may come up with, by name. */
export const badInputs: Readonly<Record<string, (scene: Scene) => Case>> = {
  "unknown token": () => ({
    args: transferOf("--token", "GOLD"),
    exit: usage,
    code: "TOKEN",
    says: [/--token GOLD: no such token/, unsent, /knows DEMO/],
  }),
  "unknown origin": () => ({
    args: transferOf("--from", "Z"),
    exit: usage,
    code: "CHAIN",
    says: [/--from Z: there is no such chain/, unsent, /A \(31337\), B \(31338\)/],
  }),
  "unknown destination": () => ({
    args: transferOf("--to", "999"),
    exit: usage,
    code: "CHAIN",
    says: [/--to 999: there is no such chain/, unsent, /A \(31337\), B \(31338\)/],
  }),
  "the same chain twice": () => ({
    args: transferOf("--from", "b"),
    exit: usage,
    code: "CHAIN",
    says: [/both B/, unsent, /two different chains/],
  }),
  "zero amount": () => ({
    args: transferOf("--amount", "0.0"),
    exit: usage,
    code: "AMOUNT",
    says: [/zero/, unsent, /more than zero/],
  }),
  "negative amount": () => ({
    args: transferOf("--amount", "-1"),
    exit: usage,
    code: "AMOUNT",
    says: [/"-1" is not a positive decimal number/, unsent, /such as 12\.5/],
  }),
  "malformed amount": () => ({
    args: transferOf("--amount", "1e3"),
    exit: usage,
    code: "AMOUNT",
    says: [/"1e3" is not a positive decimal number/, unsent, /such as 12\.5/],
  }),
  "too many decimals": () => ({
    args: transferOf("--amount", `0.${"1".repeat(19)}`),
    exit: usage,
    code: "AMOUNT",
    says: [/has 19 digits behind the point, but the token has 18/, unsent],
  }),
  "an amount over the balance": () => ({
    args: transferOf("--from", "B", "--to", "A", "--amount", "2.5"),
    exit: failure,
    code: "BALANCE",
    says: [/has 2 DEMO on B, which is less than 2\.5 DEMO/, unsent],
  }),
  "a malformed recipient": () => ({
    args: transferOf("--recipient", "0x1234"),
    exit: usage,
    code: "RECIPIENT",
    says: [/--recipient 0x1234: expected an address: 0x and 40/, unsent],
  }),
  "a recipient with a typing error": () => ({
    args: transferOf("--recipient", "0x5FbDB2315678afecb367f032d93F642f64180aA3"),
    exit: usage,
    code: "RECIPIENT",
    says: [/EIP-55 checksum/, unsent],
  }),
  "a malformed message id": () => ({
    args: ["message", "0x12"],
    exit: usage,
    code: "MESSAGE_ID",
    says: [/"0x12" is no message id: expected 0x and 64/, unsent],
  }),
  "an unknown message id": () => ({
    args: ["message", UNKNOWN_ID],
    exit: failure,
    code: "UNKNOWN_MESSAGE",
    says: [/No chain of this network has a message 0xabab/, /Check the id/],
  }),
  "an unknown message id that is to be waited for": () => ({
    args: ["message", UNKNOWN_ID, "--wait"],
    exit: failure,
    code: "UNKNOWN_MESSAGE",
    says: [/No chain of this network has a message 0xabab/, /Check the id/],
  }),
  "a missing option": () => ({
    args: ["transfer", "--from", "A", "--to", "B", "--amount", "1"],
    exit: usage,
    code: "USAGE",
    says: [/'--token <token>' not specified/, unsent, /dchat --help/],
  }),
  "an unknown option": () => ({
    args: [...transferOf(), "--tokn", "DEMO"],
    exit: usage,
    code: "USAGE",
    says: [/unknown option '--tokn'/, unsent, /dchat --help/],
  }),
  "an unknown command": () => ({
    args: ["transmit"],
    exit: usage,
    code: "USAGE",
    says: [/unknown command 'transmit'/, unsent, /dchat --help/],
  }),
  "a configuration that is no file": ({ scratch }) => ({
    args: ["--config", join(scratch, "nowhere.json"), "status"],
    exit: configuration,
    code: "CONFIGURATION",
    says: [/nowhere\.json cannot be read/, /ENOENT/, /--config or DCHAT_CONFIG/],
  }),
  "a configuration that is no JSON": ({ file }) => ({
    args: ["--config", file("broken.json", "{"), ...transferOf()],
    exit: configuration,
    code: "CONFIGURATION",
    says: [/broken\.json cannot be read as a JSON object/, /--config or DCHAT_CONFIG/],
  }),
  "a configuration with wrong keys": ({ changed }) => {
    const config = changed("wrong.json", (network) => {
      network["redisUrl"] = "http://:secret@here";
      network["colour"] = "red";
    });
    return {
      args: ["--config", config, ...transferOf()],
      exit: configuration,
      code: "CONFIGURATION",
      says: [
        /wrong\.json cannot be used; mend these keys/,
        /redisUrl: .*, but it is "http:\/\/…@here"/,
        /colour/,
      ],
    };
  },
  "a key file that others can read": ({ file }) => {
    const key = file("open.key", `0x${"11".repeat(32)}\n`);
    chmodSync(key, 0o644);
    return {
      args: transferOf("--key-file", key),
      exit: configuration,
      code: "KEY_FILE",
      says: [/open\.key cannot be used: others may read it/, unsent, /chmod 600 /],
    };
  },
  "a missing key file": ({ scratch }) => ({
    args: transferOf("--key-file", join(scratch, "none.key")),
    exit: configuration,
    code: "KEY_FILE",
    says: [/none\.key cannot be used: ENOENT/, unsent],
  }),
  "a key file with something else": ({ file }) => ({
    args: transferOf("--key-file", file("else.key", "hunter2")),
    exit: configuration,
    code: "KEY_FILE",
    says: [/must hold 0x and 64 hexadecimal digits/, unsent],
  }),
  "a chain that does not answer": () => ({
    args: transferOf(),
    env: { DCHAT_RPC_URL_A: `http://${NOBODY}` },
    exit: unavailable,
    code: "RPC",
    says: [/Chain A: eth_chainId failed at http:\/\/127\.0\.0\.1:1/, /Nothing is lost/, /chains\.A\.rpcUrl/],
  }),
  "a chain that is another one": ({ fleet }) => ({
    args: transferOf(),
    env: { DCHAT_RPC_URL_A: fleet.away.rpcUrl },
    exit: configuration,
    code: "CHAIN_ID",
    says: [/serves chain id 31338, but chains\.A\.chainId is 31337/, unsent, /Correct/],
  }),
  "a relayer on a chain that is another one": ({ fleet }) => ({
    args: ["relayer", "start", "--role", "watcher", "--chain", "A"],
    env: { DCHAT_RPC_URL_A: fleet.away.rpcUrl },
    exit: configuration,
    code: "CHAIN_ID",
    says: [/serves chain id 31338, but chains\.A\.chainId is 31337/, unsent, /Correct/],
  }),
  "a relayer whose contract is not there": ({ changed }) => ({
    args: [
      "--config",
      changed("contract.json", (network) => {
        const chains = record.parse(network["chains"]);
        network["chains"] = {
          ...chains,
          A: { ...record.parse(chains["A"]), outbox: `0x${"12".repeat(20)}` },
        };
      }),
      ...["relayer", "start", "--role", "api"],
    ],
    exit: configuration,
    code: "NO_CONTRACT",
    says: [/no contract at chains\.A\.outbox/, unsent, /deploy first/],
  }),
  "a signer that is no validator": ({ file }) => ({
    args: [
      "relayer",
      "start",
      "--role",
      "signer",
      "--key-file",
      file("stranger.key", `0x${randomBytes(32).toString("hex")}`),
    ],
    exit: configuration,
    code: "NOT_A_VALIDATOR",
    says: [
      /stranger\.key .* is not in the validator set of epoch 1 on chain A/,
      /Nothing was signed/,
      /a key of the set: 0x/,
    ],
  }),
  "a watcher of no chain": () => ({
    args: ["relayer", "start", "--role", "watcher"],
    exit: usage,
    code: "USAGE",
    says: [/The role watcher needs --chain/, /Nothing was started/],
  }),
  "a watcher of an unknown chain": () => ({
    args: ["relayer", "start", "--role", "watcher", "--chain", "Z"],
    exit: usage,
    code: "CHAIN",
    says: [/--chain Z: there is no such chain/, /Nothing was done/],
  }),
  "a second API with one embedded database": () => ({
    args: ["relayer", "start", "--role", "api"],
    exit: configuration,
    code: "SQL_IN_USE",
    says: [/open in another process/, /Nothing was read or written/, /DATABASE_URL/],
  }),
  "status without the API": () => ({
    args: ["status"],
    env: { DCHAT_API_PORT: "1" },
    exit: unavailable,
    code: "API",
    says: [/The API at http:\/\/127\.0\.0\.1:1 does not answer/, /No message is lost/, /npm start/],
  }),
  "status of something else than the API": ({ fleet }) => ({
    args: ["status"],
    env: { DCHAT_API_PORT: new URL(fleet.home.rpcUrl).port },
    exit: unavailable,
    code: "API",
    says: [/http:\/\/127\.0\.0\.1:\d+ does not answer/, /npm start/],
  }),
};
