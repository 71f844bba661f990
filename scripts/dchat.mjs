#!/usr/bin/env node
// The `dchat` command: sets the checkout up if that is needed, then runs relayer/main.ts under the Node it pins.
import { join } from "node:path";
import { runCommand } from "./bootstrap/command.mjs";
import { endWith } from "./bootstrap/failure.mjs";
import { prepare, root } from "./bootstrap/prepare.mjs";

try {
  const env = await prepare({ contracts: true, quiet: true });
  await runCommand(["node", join(root, "relayer/main.ts"), ...process.argv.slice(2)], env);
} catch (error) {
  endWith(error);
}
