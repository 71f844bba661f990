// Measures what other bridges' contracts take, each on a node of its own, and prints it as JSON; run by `npm run bench:peers`.
import { readFileSync } from "node:fs";
import { measureAxelar } from "./axelar.ts";
import { measureHyperlane } from "./hyperlane.ts";
import { measureLayerZero } from "./layerzero.ts";
import { type Figures, openWorld } from "./world.ts";

const figures: Figures = {};
for (const measure of [measureHyperlane, measureAxelar, measureLayerZero])
  Object.assign(figures, await measure(await openWorld()));

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  dependencies: Record<string, string>;
};
const packages = Object.fromEntries(Object.entries(dependencies).filter(([name]) => name.startsWith("@")));

const NAMES = { hyperlane: "Hyperlane", axelar: "Axelar", layerzero: "LayerZero" };
/** Figures of ours, and of theirs by the same name. */
const SAME = ["send", "deliver1", "deliverBatch10Each"];
const peers = Object.fromEntries(
  SAME.map((name) => [
    `bridge.${name}`,
    Object.entries(NAMES).flatMap(([key, by]) => {
      const value = figures[`${key}.${name}`];
      return value === undefined ? [] : [{ by, value }];
    }),
  ]),
);
process.stdout.write(JSON.stringify({ figures, peers, packages }));
