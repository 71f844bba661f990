import { z } from "zod";
import { ConfigurationError } from "../../domain/errors.ts";
import { bitesOn, type FaultType } from "./fault.ts";
import type { LinkTarget, ProcessTarget, Target } from "./target.ts";

/** The controller and the checker, by the names of their processes and services: no fault is ever done to them. */
export const PROTECTED = ["chaos-controller", "chaos-checker"] as const;

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "expected a name of letters, digits, dots and dashes");
const choice = {
  /** At most so many of those that match. */
  most: z.number().int().min(1).max(1_000).optional(),
  /** At most this share of those that match, rounded down, but one at least: above 0, at most 1. */
  share: z.number().gt(0).max(1).optional(),
};

/** Which processes: one by name, all of a service, of a zone or of a region; and how many of them. */
export const selectorSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("Pod"), name }),
  z.strictObject({ kind: z.literal("Service"), service: name, ...choice }),
  z.strictObject({ kind: z.literal("AZ"), zone: name, ...choice }),
  z.strictObject({ kind: z.literal("Region"), region: name, ...choice }),
]);
/** {@link selectorSchema} */
export type Selector = z.infer<typeof selectorSchema>;

/** All that there is to choose from, at one moment. */
export type Inventory = {
  readonly processes: readonly ProcessTarget[];
  readonly links: readonly LinkTarget[];
};

/** What a step is done to, before it is resolved. */
export type Aim = { readonly selector: Selector; readonly to?: Selector | undefined };

/**
 * The explicit list of what a fault is done to: processes, or for faults on links the links that leave them, to `to` where that is given.
 * The same inventory gives the same list, in the order of names.
 * @throws ConfigurationError `PROTECTED_TARGET` when the controller or the checker is among what matches, `NO_TARGET` when nothing is
 */
export function resolve(type: FaultType, { selector, to }: Aim, inventory: Inventory): readonly Target[] {
  const chosen = choose(selector, inventory.processes);
  if (bitesOn[type] === "process") {
    if (to !== undefined)
      throw new ConfigurationError(
        "NO_TARGET",
        `${type} is done to processes, and a process has no "to". Nothing was done; leave it out.`,
      );
    return chosen;
  }
  const clients = new Set(chosen.map((process) => process.name));
  const servers = to && new Set(choose(to, inventory.processes).map((process) => process.name));
  const links = inventory.links
    .filter(({ client, server }) => clients.has(client) && (servers?.has(server) ?? true))
    .toSorted(byName);
  if (links.length > 0) return links;
  const where = to === undefined ? "" : ` to ${describe(to)}`;
  throw new ConfigurationError(
    "NO_TARGET",
    `No link leads from ${describe(selector)}${where}. Nothing was done; "dchat chaos list" shows what there is.`,
  );
}

/** A selector in words. */
export function describe(selector: Selector): string {
  switch (selector.kind) {
    case "Pod":
      return `process ${selector.name}`;
    case "Service":
      return `service ${selector.service}`;
    case "AZ":
      return `zone ${selector.zone}`;
    case "Region":
      return `region ${selector.region}`;
  }
}

function choose(selector: Selector, processes: readonly ProcessTarget[]): readonly ProcessTarget[] {
  const matching = processes.filter((process) => matches(selector, process)).toSorted(byName);
  const guarded = matching.find(isProtected);
  if (guarded !== undefined || isNamedProtected(selector))
    throw new ConfigurationError(
      "PROTECTED_TARGET",
      `The fault is aimed at ${describe(selector)}, and ${guarded?.name ?? "that"} must never be a target: whoever heals and whoever judges have to live. Nothing was done; aim at something else, or move it elsewhere.`,
    );
  if (matching.length === 0)
    throw new ConfigurationError(
      "NO_TARGET",
      `There is no ${describe(selector)}. Nothing was done; "dchat chaos list" shows what there is.`,
    );
  const { most = matching.length, share = 1 } = "most" in selector || "share" in selector ? selector : {};
  return matching.slice(0, Math.min(most, Math.max(1, Math.floor(matching.length * share))));
}

function matches(selector: Selector, process: ProcessTarget): boolean {
  switch (selector.kind) {
    case "Pod":
      return process.name === selector.name;
    case "Service":
      return process.service === selector.service;
    case "AZ":
      return process.zone === selector.zone;
    case "Region":
      return process.region === selector.region;
  }
}

function isProtected({ name: own, service }: ProcessTarget): boolean {
  return PROTECTED.some((each) => each === own || each === service);
}

function isNamedProtected(selector: Selector): boolean {
  const named = selector.kind === "Pod" ? selector.name : selector.kind === "Service" ? selector.service : "";
  return PROTECTED.some((each) => each === named);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
