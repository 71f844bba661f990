import { type Installed, type Lock, nameOf } from "./manifest.ts";

/** A licence that packages may have. */
export type AllowedLicence = {
  /** As packages write it, in SPDX's words. */
  readonly licence: string;
  /** The packages that may have it; any may where this is left out. A `*` at the end stands for any ending. */
  readonly only?: readonly string[];
  readonly why: string;
};

/** What is known of the licences of all packages. */
export type LicenceReport = {
  /** How many packages have each. */
  readonly counts: Readonly<Record<string, number>>;
  /** Packages for other systems, which are not installed here and of which the lock file says nothing. */
  readonly unseen: readonly string[];
  /** A sentence for each package whose licence is not allowed, and for what is allowed in vain. */
  readonly faults: readonly string[];
};

/**
 * Holds the licence of each package to the list: as the installed package says, else as the lock file does.
 * @param installed by folder; those that are there
 */
export function checkLicences(
  lock: Lock,
  installed: ReadonlyMap<string, Installed>,
  allowed: readonly AllowedLicence[],
): LicenceReport {
  const faults: string[] = [];
  const unseen: string[] = [];
  const counts: Record<string, number> = {};
  const used = new Set<string>();
  for (const [path, { version, license, optional }] of lock.packages) {
    const name = nameOf(path);
    const here = installed.get(path);
    if (here !== undefined && here.version !== version)
      faults.push(`${path} is ${here.version}, and the lock file says ${version}: run npm ci.`);
    const licence = here === undefined ? license : licenceOf(here);
    if (licence === undefined && here === undefined && optional) {
      unseen.push(name);
      continue;
    }
    const said = licence ?? "no licence";
    counts[said] = (counts[said] ?? 0) + 1;
    const rule = allowed.find((each) => each.licence === said && isFor(each, name));
    if (rule === undefined)
      faults.push(
        `${path} has ${said}, which docs/supply-chain.md does not allow it: do without the package.`,
      );
    else used.add(keyOf(rule));
  }
  const vain = allowed.filter((rule) => !used.has(keyOf(rule)));
  faults.push(...vain.map(({ licence }) => `No package has ${licence} any more: take it off the list.`));
  return { counts, unseen, faults };
}

function licenceOf({ license, licenses }: Installed): string | undefined {
  if (license !== undefined) return typeof license === "string" ? license : license.type;
  return licenses?.map(({ type }) => type).join(" OR ");
}

function isFor({ only }: AllowedLicence, name: string): boolean {
  return only?.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one)) ?? true;
}

function keyOf({ licence, only }: AllowedLicence): string {
  return `${licence} ${only?.join(" ") ?? ""}`;
}
