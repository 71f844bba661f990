import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { repository } from "./processes.ts";

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      command: z.array(z.string()).optional(),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      secrets: z.array(z.string()).default([]),
      configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
      networks: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      environment: z.record(z.string(), z.string()).default({}),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
  networks: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  configs: z.record(z.string(), z.object({ file: z.string() })),
});

/** deploy/compose.yaml, with its anchors put in place. */
export const composeDocument = (): unknown =>
  parse(readFileSync(join(repository, "deploy/compose.yaml"), "utf8"), { merge: true });
/** The same, read. */
export const readCompose = () => composeSchema.parse(composeDocument());

const UNITS = join(repository, "deploy/systemd");

/** A unit of deploy/systemd: what stands in its sections, each key with all of its values. */
export type Unit = { readonly name: string; readonly keys: ReadonlyMap<string, readonly string[]> };

/** The units of deploy/systemd. */
export function readUnits(): readonly Unit[] {
  return readdirSync(UNITS)
    .filter((name) => name.endsWith(".service"))
    .map((name) => {
      const lines = readFileSync(join(UNITS, name), "utf8").split("\n");
      const entries = lines.flatMap((line) => {
        const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value] as const];
      });
      const grouped = Map.groupBy(entries, ([key]) => key);
      return { name, keys: new Map([...grouped].map(([key, all]) => [key, all.map(([, value]) => value)])) };
    });
}
