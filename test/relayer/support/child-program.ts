// A child for the tests of the supervisor: node child-program.ts MODE [PORT]
import { createServer } from "node:http";
import { exitCodes } from "../../../relayer/platform/exit-codes.ts";
import { exitWithParent } from "../../../relayer/platform/parent-watch.ts";

const [mode = "", port = "0"] = process.argv.slice(2);
const wait = (): unknown => setInterval(() => undefined, 60_000);

switch (mode) {
  case "serve":
    exitWithParent(() => process.exit(), process.env);
    createServer()
      .listen(Number(port), "127.0.0.1")
      .on("listening", () => {
        console.log("text before");
        console.log(JSON.stringify({ ready: true }));
      });
    break;
  case "crash":
    console.error("the reason of the crash");
    process.exit(exitCodes.failure);
    break;
  case "misconfigured":
    console.error("port: expected a number");
    process.exit(exitCodes.configuration);
    break;
  case "deaf":
    // Ignores SIGTERM, and looks at nothing else.
    process.on("SIGTERM", () => undefined);
    console.log(JSON.stringify({ ready: true }));
    wait();
    break;
  case "silent":
    exitWithParent(() => process.exit(), process.env);
    wait();
    break;
  default:
    throw new Error(`Unknown mode ${mode}`);
}
