import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import type { Inventory } from "../core/selector.ts";
import { startTimeOf } from "./processes.ts";

const name = z.string().min(1).max(128);
const schema = z.strictObject({
  processes: z.array(
    z.strictObject({
      name,
      pid: z.number().int().min(2),
      startTime: z.string(),
      zone: name,
      region: name,
      service: name,
    }),
  ),
  links: z.array(
    z.strictObject({ name, client: name, server: name, port: z.number().int().min(1).max(65_535) }),
  ),
});

/** What whoever keeps a fleet running tells of it. */
export type FleetInventory = z.infer<typeof schema>;

/** Writes the file so that whoever reads it meanwhile finds all of it, the old or the new one. */
export function writeInventory(file: string, inventory: FleetInventory): void {
  writeFileSync(`${file}.new`, JSON.stringify(inventory, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Everything that there is to choose from now. Processes that are gone are left out: what has their pid now is somebody else.
 * @throws ConfigurationError `CHAOS_INVENTORY`
 */
export function readInventory(file: string): Inventory {
  try {
    const { processes, links } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
    return {
      processes: processes
        .filter(({ pid, startTime }) => startTimeOf(pid) === startTime)
        .map((process) => ({ kind: "process", ...process })),
      links: links.map((link) => ({ kind: "link", ...link })),
    };
  } catch (error) {
    throw new ConfigurationError(
      "CHAOS_INVENTORY",
      `What the fleet consists of cannot be read from ${file}: ${explain(error)}. Nothing was done. Start the network with "npm start -- --chaos", or have whoever keeps the fleet running write that file.`,
    );
  }
}
