import { spawnSync } from "node:child_process";
import { runInForeground } from "../../relayer/platform/foreground.ts";

/** In the environment of a start that is inside already. */
const INSIDE = "DCHAT_ROOTLESS_INSIDE";

/** Brings lo up (SIOCSIFFLAGS with IFF_UP and IFF_RUNNING): Debian always has perl, and may have no iproute2. */
const PERL = `my $up = pack("a16 s x22", "lo", 0x41); socket(S, 2, 2, 0) && ioctl(S, 0x8914, $up) or die "lo stays down: $!\\n"`;
/** Loopback is down in a new namespace; then the shell becomes the program. */
const ENTRY = `if command -v ip >/dev/null; then ip link set lo up; else perl -e '${PERL}'; fi && exec "$@"`;

/** Whether this process was started by {@link runRootless}. */
export function isInside(env: NodeJS.ProcessEnv): boolean {
  return env[INSIDE] !== undefined;
}

/** Why nobody may have namespaces of its own here; undefined where one may. */
export function whyNotRootless(): string | undefined {
  if (process.platform !== "linux") return "this is no Linux";
  const [program, ...args] = inNamespaces(["true"]);
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) return "there is no unshare (util-linux) on the PATH";
  return status === 0 ? undefined : stderr.trim().replaceAll(/\s+/g, " ");
}

/** Runs a program in a user and a network namespace of its own, in which it is root, as `runInForeground` does. */
export function runRootless(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  return runInForeground(inNamespaces(command), { ...env, [INSIDE]: "1" }, signal);
}

function inNamespaces(command: readonly string[]): readonly [string, ...string[]] {
  return ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", ENTRY, "sh", ...command];
}
