import { dirname, resolve } from "node:path";
import { z } from "zod";
import { type Addresses, addressesSchema } from "../domain/addresses-file.ts";
import { ConfigurationError } from "../domain/errors.ts";
import { asRecord, parseSettings, type Raw, readJsonObject } from "./json-settings.ts";

/** Reads the addresses file that `dchat deploy run` wrote. @throws ConfigurationError `CONFIGURATION` */
export function readAddresses(file: string): Addresses {
  const raw = readJsonObject(
    file,
    "The addresses file",
    'Correct "deployment" in the configuration, or write the file with "dchat deploy run".',
  );
  return parseSettings(addressesSchema, raw, "The addresses", file);
}

/**
 * Fills in what the addresses file that `deployment` names knows. A key that stands in the configuration, too, must say the same: of two addresses one is
 * wrong, and what is sent to a wrong one is lost.
 * @param file the configuration's, to which the path is relative
 * @throws ConfigurationError `CONFIGURATION` for a file that cannot be read, `DEPLOYMENT` for a contradiction
 */
export function withDeployment(raw: Raw, file: string): Raw {
  const { deployment } = raw;
  if (typeof deployment !== "string") return raw; // the schema refuses anything else
  const path = resolve(dirname(file), deployment);
  const addresses = readAddresses(path);
  const merge = (written: unknown, known: Raw, at: string): Raw => fill(asRecord(written), known, at, path);
  const chains = Object.entries(asRecord(raw["chains"])).map(([name, chain]) => {
    const known = chainSettings(addresses, name);
    return [name, known === undefined ? chain : merge(chain, known, `chains.${name}`)] as const;
  });
  const known: Raw = {
    home: homeSettings(addresses),
    tokens: tokenSettings(
      addresses,
      chains.map(([name]) => name),
    ),
  };
  return { ...raw, ...merge(raw, known, ""), chains: Object.fromEntries(chains) };
}

/** What the addresses file knows of a chain, in the configuration's own keys. */
function chainSettings({ chains }: Addresses, name: string): Raw | undefined {
  const chain = Object.entries(chains).find(([key]) => key === name)?.[1];
  if (chain === undefined) return undefined;
  const at = (key: string) => chain.contracts[key]?.address;
  const escrow = at("escrow");
  return {
    chainId: chain.chainId,
    deploymentBlock: chain.deploymentBlock,
    outbox: at("outbox"),
    inbox: at("inbox"),
    witness: at("witness"),
    ...(escrow === undefined ? {} : { escrow: { contract: escrow } }),
  };
}

function homeSettings({ home, chains }: Addresses): Raw {
  const contracts = chains[home]?.contracts ?? {};
  const at = (key: string) => contracts[key]?.address;
  return { chain: home, registry: at("registry"), slashing: at("slashing"), points: at("points") };
}

/** The tokens on the chains that the configuration has; a fleet may serve fewer chains than were deployed to. */
function tokenSettings({ tokens }: Addresses, names: readonly string[]): Raw {
  return Object.fromEntries(
    Object.entries(tokens).map(([symbol, { decimals, sides }]) => {
      const served = Object.entries(sides).filter(([name]) => names.includes(name));
      return [symbol, { decimals, sides: Object.fromEntries(served) }];
    }),
  );
}

/** Puts what is known beside what is written, key by key, and refuses where the two differ. */
function fill(written: Raw, known: Raw, at: string, file: string): Raw {
  const filled: Raw = { ...written };
  for (const [key, value] of Object.entries(known)) {
    const path = at === "" ? key : `${at}.${key}`;
    const mine = written[key];
    const inner = z.record(z.string(), z.unknown()).safeParse(value);
    if (inner.success) filled[key] = fill(asRecord(mine), inner.data, path, file);
    else if (mine === undefined) filled[key] = value;
    else if (!isSame(mine, value))
      throw new ConfigurationError(
        "DEPLOYMENT",
        `The configuration says ${path} is ${JSON.stringify(mine)}, but ${file} says ${JSON.stringify(value)}. Nothing was read or sent. Remove the key from the configuration, or name the right deployment.`,
        { key: path },
      );
  }
  return filled;
}

/** Addresses are the same in whatever case they are written. */
function isSame(left: unknown, right: unknown): boolean {
  return String(left).toLowerCase() === String(right).toLowerCase();
}
