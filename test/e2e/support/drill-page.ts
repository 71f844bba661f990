import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../relayer/support/processes.ts";

/** One drill: what stands under a heading of docs/operations/drills.md. */
export type Drill = {
  readonly heading: string;
  /** The blocks of commands, in order. */
  readonly blocks: readonly string[];
};

/** The drills of the page, in order. */
export function readDrills(): readonly Drill[] {
  const page = readFileSync(join(repository, "docs/operations/drills.md"), "utf8");
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      heading: section.slice(0, section.indexOf("\n")),
      blocks: [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block),
    }));
}
