import { z } from "zod";
import type { Peers } from "./compare.ts";

const figures = z.record(z.string(), z.number());

const reportSchema = z.object({ figures, about: z.looseObject({ what: z.string(), peers: figures }) });
/** The line of JSON with which a benchmark ends; `about.peers` by keys that begin with `peer.`, beside other notes. */
export type Report = z.infer<typeof reportSchema>;

const peer = z.object({ by: z.string(), value: z.number() });

/** `bench/results/peers.json`: what others' contracts take, by the key of our figure and by their own names. */
export const peersFileSchema = z.object({
  figures,
  peers: z.record(z.string(), z.array(peer)),
  packages: z.record(z.string(), z.string()),
});

/** Which figure of ours somebody else's stands beside, and whose it is. */
export type PeerName = { readonly figure: string; readonly by: string };

/**
 * What a benchmark measured of others, to stand beside our figures.
 * @param measured by keys that begin with `peer.`
 */
export function peersOf(
  measured: Readonly<Record<string, number>>,
  names: Readonly<Record<string, PeerName>>,
): Peers {
  const found = Object.entries(names).flatMap(([key, { figure, by }]) => {
    const value = measured[key];
    return value === undefined ? [] : [{ figure, by, value }];
  });
  const grouped = Map.groupBy(found, ({ figure }) => figure);
  return Object.fromEntries(
    [...grouped].map(([figure, all]) => [figure, all.map(({ by, value }) => ({ by, value }))]),
  );
}

/** Both, those of the second behind those of the first. */
export function joinPeers(first: Peers, second: Peers): Peers {
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries([...keys].map((key) => [key, [...(first[key] ?? []), ...(second[key] ?? [])]]));
}

/**
 * What a benchmark said last.
 * @param said all that it wrote to its standard output
 * @returns undefined where its last line is no report
 */
export function readReport(said: string): Report | undefined {
  const last = said.trimEnd().split("\n").at(-1) ?? "";
  try {
    return reportSchema.safeParse(JSON.parse(last)).data;
  } catch {
    return undefined; // no JSON at all
  }
}
