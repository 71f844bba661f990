import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { type DeploymentFile, deploymentSchema } from "../../../relayer/domain/deployment-file.ts";
import { asRecord, type Raw } from "../../../relayer/platform/json-settings.ts";
import { repository } from "./processes.ts";

/** A ready-made deployment file as it stands in the checkout. */
export function readyMade(name: string): Raw {
  const text = readFileSync(join(repository, "networks", `${name}.json`), "utf8");
  return asRecord(JSON.parse(text));
}

const account = (digit: string) => `0x${digit.repeat(40)}`;

/** Who deploys and operates, which no ready-made file can know. */
export const people = {
  deployer: account("1"),
  operators: ["2", "3", "4"].map((digit) => ({ operator: account(digit), seats: 1 })),
};

/** The ready-made file for the three testnets with somebody to deploy it. */
export function testnets(change: Raw = {}): DeploymentFile {
  return deploymentSchema.parse({ ...readyMade("testnets"), ...people, ...change });
}

/** What the schema says against the file for the testnets with a change. */
export function refusal(change: Raw): readonly z.core.$ZodIssue[] {
  return deploymentSchema.safeParse({ ...readyMade("testnets"), ...people, ...change }).error?.issues ?? [];
}

/**
 * The ready-made file as it is for nodes that pose as the chains: they make blocks for transactions alone, so that more than one confirmation would be
 * waited for for ever, and no explorer shows them.
 */
export function posing(name: string): Raw {
  const file = readyMade(name);
  const chains = Object.entries(asRecord(file["chains"])).map(([key, chain]) => {
    return [key, { ...without(asRecord(chain), "explorer"), confirmations: 1 }];
  });
  return { ...file, chains: Object.fromEntries(chains) as unknown };
}

/** A record without one of its keys. */
export function without(record: Raw, key: string): Raw {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
