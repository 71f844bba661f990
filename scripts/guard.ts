// Runs a foreign program (a redis-server, say) that knows nothing of our parent watch, and ends it with its parent:
//
//   node scripts/guard.ts PROGRAM [ARGUMENT…]
//
// - The parent ends, by SIGKILL even: this process's stdin ends, and it ends the program (SIGTERM, SIGKILL after 3 s).
// - This process is killed: where util-linux's `setpriv --pdeathsig` exists (Linux), the kernel kills the program at once.
//   Everywhere, the supervisor kills what is left of this process's group, to which the program belongs, before it starts
//   it again. Only where there is no such setpriv, and parent and guard are killed at the same moment, can it survive.
// - The program's words go to stderr, all of them, as a supervisor keeps the last ones of those.
// - The program ends: this process ends with its exit code, or 128 and the number of its signal.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { exitCodes } from "../relayer/platform/exit-codes.ts";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";

const GRACE_MS = 3_000;
const binder = "setpriv";
const bound = ["--pdeathsig", "KILL"];

const command = process.argv.slice(2);
// The death signal is sent when the thread ends that started the program: here, the main thread.
const canBind = process.platform === "linux" && spawnSync(binder, [...bound, "true"]).status === 0;
const [program = "", ...args] = canBind ? [binder, ...bound, ...command] : command;

exitWithParent(stop, process.env);
const child = spawn(program, args, { stdio: ["ignore", 2, 2] });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, stop);
child.on("error", (error) => {
  console.error(`guard: ${error.message}`);
  process.exitCode = exitCodes.configuration;
});
child.on("exit", (code, signal) => {
  // What a shell says, and setpriv: 126 for a program that cannot be run, 127 for one that is not there.
  if (canBind && (code === 126 || code === 127)) code = exitCodes.configuration;
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
});

function stop(): void {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
}
