import { join } from "node:path";
import type { ChainName } from "../../relayer/domain/ids.ts";
import type { ChildSpec } from "../../relayer/platform/child.ts";

const repository = join(import.meta.dirname, "../..");

/** One process for each role: a watcher, a sender and a keeper for each chain, a signer for each validator, and a watchtower. */
export function roleSpecs(
  networkFile: string,
  chains: readonly { readonly name: ChainName }[],
  validatorKeyFiles: readonly string[],
): readonly ChildSpec[] {
  const role = (name: string, ...options: string[]) => roleSpec(networkFile, name, ...options);
  return [
    ...chains.map(({ name }) => role(`watcher-${name}`, "--role", "watcher", "--chain", name)),
    ...validatorKeyFiles.map((file, i) => role(`signer-${i + 1}`, "--role", "signer", "--key-file", file)),
    ...chains.map(({ name }) => role(`sender-${name}`, "--role", "sender", "--chain", name)),
    ...chains.map(({ name }) => role(`keeper-${name}`, "--role", "keeper", "--chain", name)),
    role("watchtower", "--role", "watchtower"),
  ];
}

/** The API, alerting and speech, each to be given a port. */
export function serverSpecs(
  networkFile: string,
): readonly [api: ChildSpec, alerting: ChildSpec, speech: ChildSpec] {
  return [
    roleSpec(networkFile, "api", "--role", "api"),
    roleSpec(networkFile, "alerting", "--role", "alerting"),
    roleSpec(networkFile, "speech", "--role", "speech"),
  ];
}

/** A process that plays a role by its configuration, under a name of its own. */
export function roleSpec(networkFile: string, name: string, ...options: string[]): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: [join(repository, "relayer/main.ts"), "--config", networkFile, "relayer", "start", ...options],
    ready: "line",
  };
}
