// The dead-man of a chaos controller, started by it (leases.ts): node dead-man-program.ts JOURNAL PID START_TIME
// Its stdin is a pipe that ends with the controller.
import { exitWithParent } from "../../platform/parent-watch.ts";
import { watchOver } from "./dead-man.ts";

const [file = "", pid = "", startTime = ""] = process.argv.slice(2);
const gone = new AbortController();
// Who is asked to end dies of it only once the controller is gone.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
exitWithParent(() => {
  gone.abort();
}, {});
process.stdout.write("watching\n");
await watchOver(file, { pid: Number(pid), startTime }, gone.signal, (words) => {
  process.stderr.write(`dead-man: ${words}\n`);
});
