import { join } from "node:path";
import type { ChildSpec } from "../../relayer/platform/child.ts";

const program = join(import.meta.dirname, "../../relayer/main.ts");

/** One process for each role: a watcher, a sender and a keeper for each chain, a signer for each validator, and a watchtower. */
export function roleSpecs(
  networkFile: string,
  chains: readonly string[],
  validatorKeyFiles: readonly string[],
): readonly ChildSpec[] {
  const role = (name: string, ...options: string[]) => roleSpec(networkFile, name, ...options);
  return [
    ...chains.map((name) => role(`watcher-${name}`, "--role", "watcher", "--chain", name)),
    ...validatorKeyFiles.map((file, i) => role(`signer-${i + 1}`, "--role", "signer", "--key-file", file)),
    ...chains.map((name) => role(`sender-${name}`, "--role", "sender", "--chain", name)),
    ...chains.map((name) => role(`keeper-${name}`, "--role", "keeper", "--chain", name)),
    role("watchtower", "--role", "watchtower"),
  ];
}

/** What listens for people and programs. */
export function serverSpecs(
  networkFile: string,
): readonly [api: ChildSpec, alerting: ChildSpec, speech: ChildSpec] {
  return [
    roleSpec(networkFile, "api", "--role", "api"),
    roleSpec(networkFile, "alerting", "--role", "alerting"),
    roleSpec(networkFile, "speech", "--role", "speech"),
  ];
}

/** A role as a process of its own. */
export function roleSpec(networkFile: string, name: string, ...options: string[]): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: [program, "--config", networkFile, "relayer", "start", ...options],
    ready: "line",
  };
}
