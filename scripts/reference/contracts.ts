import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sourceSchema, type Unit, unitsOf } from "./core/solidity.ts";

const root = join(import.meta.dirname, "../..");
const PREFIX = "project/";

const inputSchema = z.object({
  input: z.object({ sources: z.record(z.string(), z.object({ content: z.string() })) }),
});
const outputSchema = z.object({ output: z.object({ sources: z.record(z.string(), sourceSchema) }) });

/**
 * What our contracts offer, but for mocks and generated code, as the compiler saw them.
 * @throws Error where the contracts were not compiled, or a source has changed since
 */
export function readUnits(): readonly Unit[] {
  const units = new Map<string, readonly Unit[]>();
  for (const file of globSync("artifacts/build-info/*.output.json", { cwd: root }).sort()) {
    const { sources } = outputSchema.parse(readJson(file)).output;
    const { sources: texts } = inputSchema.parse(readJson(file.replace(".output.json", ".json"))).input;
    for (const [name, source] of Object.entries(sources)) {
      const path = name.slice(PREFIX.length);
      const text = texts[name]?.content;
      if (isOurs(name) && text !== undefined && isCurrent(path, text))
        units.set(path, unitsOf(path, text, source));
    }
  }
  const missing = globSync("contracts/**/*.sol", { cwd: root }).filter(
    (path) => isOurs(PREFIX + path) && !units.has(path),
  );
  if (missing.length > 0)
    throw new Error(`${missing.join(", ")} was not compiled as it is now: run npm run build, and try again.`);
  return [...units.keys()].sort().flatMap((path) => units.get(path) ?? []);
}

function isOurs(name: string): boolean {
  return /^project\/contracts\/(?!mocks\/|crypto\/generated\/).*(?<!\.t)\.sol$/.test(name);
}

function isCurrent(path: string, text: string): boolean {
  return existsSync(join(root, path)) && readFileSync(join(root, path), "utf8") === text;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
