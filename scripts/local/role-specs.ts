import { join } from "node:path";
import type { ChainName } from "../../relayer/domain/ids.ts";
import type { ChildSpec } from "../../relayer/platform/child.ts";

/** The program of the fleet, from its sources. */
const MAIN = join(import.meta.dirname, "../../relayer/main.ts");

/** What roles are started with. */
export type RoleProgram = {
  readonly networkFile: string;
  /** The program; that of the sources if left out. */
  readonly main?: string | undefined;
};

/** One process for each role: a watcher, a sender and a keeper for each chain, a signer for each validator, and a watchtower. */
export function roleSpecs(
  program: RoleProgram,
  chains: readonly { readonly name: ChainName }[],
  validatorKeyFiles: readonly string[],
): readonly ChildSpec[] {
  const role = (name: string, ...options: string[]) => roleSpec(program, name, ...options);
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
  program: RoleProgram,
): readonly [api: ChildSpec, alerting: ChildSpec, speech: ChildSpec] {
  return [
    roleSpec(program, "api", "--role", "api"),
    roleSpec(program, "alerting", "--role", "alerting"),
    roleSpec(program, "speech", "--role", "speech"),
  ];
}

/** A process that plays a role by its configuration, under a name of its own. */
export function roleSpec(
  { networkFile, main = MAIN }: RoleProgram,
  name: string,
  ...options: string[]
): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: [main, "--config", networkFile, "relayer", "start", ...options],
    ready: "line",
  };
}
