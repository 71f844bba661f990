// A Node process to do faults to: node chaos-target.ts FOLDER. It writes what it sees of itself into FOLDER/ticks every few milliseconds.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { exitWithParent } from "../../../relayer/platform/parent-watch.ts";

const [folder = ""] = process.argv.slice(2);
exitWithParent(() => process.exit(), process.env);
setInterval(() => {
  try {
    appendFileSync(join(folder, "ticks"), `${Date.now()}\n`);
  } catch {
    // A full disk: it goes on.
  }
}, 5);
console.log(JSON.stringify({ ready: true }));
