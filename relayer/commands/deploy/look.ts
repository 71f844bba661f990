import type { Bytes, ChainName } from "../../domain/ids.ts";
import { initCode } from "../../deployment/adapters/init-code.ts";
import type { Purse } from "../../deployment/adapters/chain-reader.ts";
import type { Terms } from "../../deployment/adapters/site.ts";
import { CREATE_X, CREATE_X_COST } from "../../deployment/core/create3.ts";
import { deploymentBytes, deploymentGas } from "../../deployment/core/gas.ts";
import { type ChainLayout, contractAt, layoutOf, type Planned } from "../../deployment/core/layout.ts";
import { judge, MOST_GAS } from "../../deployment/core/requirements.ts";
import { ConfigurationError } from "../../domain/errors.ts";
import { type FirstSet, readFirstSet } from "./first-set.ts";
import type { DeploySession, OpenChain } from "./session.ts";
import { tokenProblems } from "./token-look.ts";

/** A contract of the plan: there, missing, missing until validators have formed a set, or with other code in its place. */
export type ContractLook = Planned & {
  readonly state: "there" | "missing" | "waits" | "strange";
  /** What creates it; undefined while it waits. */
  readonly initCode: Bytes | undefined;
  /** About how much gas that takes; 0 for one that is there. */
  readonly gas: bigint;
};

/** One chain as it is now, held against the plan. */
export type ChainLook = {
  readonly open: OpenChain;
  readonly layout: ChainLayout;
  readonly hasCreateX: boolean;
  readonly purse: Purse;
  readonly contracts: readonly ContractLook[];
  /** What the data of all that is missing cost on the chain's L1, in wei; undefined where the chain does not say. */
  readonly dataFee: bigint | undefined;
  /** What all of it that is missing costs at today's prices, in wei, {@link dataFee} included. */
  readonly cost: bigint;
};

/** A deployment as its chains are now. */
export type Look = {
  readonly terms: Terms;
  readonly chains: readonly ChainLook[];
  readonly first: FirstSet;
  /** What stands in the way, for people. */
  readonly problems: readonly string[];
  /** What is good to know, for people. */
  readonly notes: readonly string[];
};

/** An Inbox with a set of three: what one costs is asked for before there is a set. */
const INBOX_GAS = 4_200_000n;

/**
 * Looks at all chains of a deployment; sends nothing.
 * @throws ConfigurationError `CHAIN_ID` for an endpoint of another chain
 * @throws RetryableError `RPC` when a chain does not answer
 */
export async function look(session: DeploySession): Promise<Look> {
  const { file, chains, recorded } = session;
  await Promise.all(chains.map(requireChain));
  const judged = await Promise.all(
    chains.map(async ({ name, reader }) => ({ name, ...judge(name, await reader.answers()) })),
  );
  // What was planned stays: a fork that brings BLS later does not change contracts that are told of each other already.
  const hasBls = (name: ChainName, found: boolean) => recorded?.chains[name]?.hasBls ?? found;
  const layouts = layoutOf(
    file,
    new Set(judged.flatMap(({ name, hasBls: found }) => (hasBls(name, found) ? [name] : []))),
  );
  const home = layouts.find(({ isHome }) => isHome);
  const homeChain = chains.find(({ name }) => name === file.home);
  if (home === undefined || homeChain === undefined) throw new Error("the schema requires a home chain");
  const first = await readFirstSet(contractAt(home, "registry").address, homeChain.reader.rpc);
  const terms: Terms = { file, layouts, firstSet: first.set };
  const [looks, tokens] = await Promise.all([
    Promise.all(layouts.map((layout, i) => lookAtChain(pick(chains, i), layout, terms))),
    tokenProblems(file, chains),
  ]);
  const blsProblem =
    file.registry.scheme === "BLS12381" && layouts.some((layout) => !layout.hasBls)
      ? [
          `registry.scheme is BLS12381, but ${layouts.flatMap(({ name, hasBls: has }) => (has ? [] : [name])).join(" and ")} cannot check BLS signatures: every set would be refused there. Set it to Ed25519.`,
        ]
      : [];
  return {
    terms,
    chains: looks,
    first,
    problems: [
      ...judged.flatMap(({ problems }) => problems),
      ...blsProblem,
      ...recordProblems(session, layouts),
      ...tokens,
      ...looks.flatMap((chain) => chainProblems(chain, session)),
    ],
    notes: [...judged.flatMap(({ notes }) => notes), ...looks.flatMap((chain) => chainNotes(chain))],
  };
}

/** An addresses file of another deployment must not be written over. */
export function recordProblems(
  { recorded, addressesFile }: DeploySession,
  layouts: readonly ChainLayout[],
): readonly string[] {
  const differs = layouts.some(({ name, contracts }) =>
    contracts.some(({ key, address }) => {
      const known = recorded?.chains[name]?.contracts[key];
      return known !== undefined && known.address !== address;
    }),
  );
  return differs
    ? [
        `${addressesFile} holds the addresses of another deployment (another deployer, name or salt). Move it away, or name another file with --addresses.`,
      ]
    : [];
}

async function requireChain({ name, entry, reader }: OpenChain): Promise<void> {
  const served = await reader.chainId();
  if (served === Number(entry.chainId)) return;
  throw new ConfigurationError(
    "CHAIN_ID",
    `Chain ${name}: the provider serves chain id ${served}, but chains.${name}.chainId is ${entry.chainId}. Nothing was sent. Correct the one that is wrong; what is deployed on a wrong chain is money lost.`,
    { chain: name },
  );
}

async function lookAtChain(open: OpenChain, layout: ChainLayout, terms: Terms): Promise<ChainLook> {
  const [purse, createX, contracts] = await Promise.all([
    open.reader.purse(terms.file.deployer),
    open.reader.createX(),
    Promise.all(layout.contracts.map((contract) => lookAtContract(open, layout, contract, terms))),
  ]);
  if (createX === "strange")
    throw new ConfigurationError(
      "CREATE_X",
      `Chain ${open.name}: what stands at ${CREATE_X} is not CreateX, through which contracts get their addresses. Nothing was sent. Leave this chain out.`,
    );
  const hasCreateX = createX === "there";
  const gas = contracts.reduce((sum, contract) => sum + contract.gas, 0n);
  const factory = hasCreateX ? 0n : CREATE_X_COST;
  const missing = contracts.filter(({ state }) => state === "missing" || state === "waits");
  const dataFee = await open.reader.dataFee(missing.map(({ initCode: code }) => deploymentBytes(code)));
  const cost = gas * purse.gasPrice + factory + (dataFee ?? 0n);
  return { open, layout, purse, hasCreateX, contracts, dataFee, cost };
}

async function lookAtContract(
  { reader }: OpenChain,
  layout: ChainLayout,
  contract: Planned,
  terms: Terms,
): Promise<ContractLook> {
  const [code, creating] = await Promise.all([
    reader.code(contract.address),
    initCode(layout, contract.key, terms),
  ]);
  if (code !== "0x") {
    const isOurs = await reader.isCompiled(contract, code, creating);
    return { ...contract, state: isOurs ? "there" : "strange", initCode: creating, gas: 0n };
  }
  const waits = contract.stage === "lane" && terms.firstSet === undefined;
  const gas = creating === undefined ? INBOX_GAS : deploymentGas(creating);
  return { ...contract, state: waits ? "waits" : "missing", initCode: creating, gas };
}

function chainProblems(
  { open: { name, entry }, contracts, purse, cost }: ChainLook,
  { file }: DeploySession,
): readonly string[] {
  const strange = contracts.filter(({ state }) => state === "strange");
  const large = contracts.filter(({ gas }) => gas > MOST_GAS);
  const isDear = entry.mostGasPrice !== undefined && purse.gasPrice > entry.mostGasPrice;
  return [
    ...strange.map(
      ({ key, address }) =>
        `Chain ${name}: what stands at ${address}, the address of ${key}, is not what was compiled here. Deploy from the sources that it came from, or anew with another salt.`,
    ),
    ...large.map(
      ({ key, gas }) =>
        `Chain ${name}: ${key} takes about ${gas} gas, more than a transaction may have (${MOST_GAS}).`,
    ),
    ...(purse.balance < cost
      ? [
          `Chain ${name}: the deployer ${file.deployer} has ${purse.balance} wei, and what is missing costs about ${cost} wei. Send it at least ${cost - purse.balance} wei.`,
        ]
      : []),
    ...(isDear
      ? [
          `Chain ${name}: gas costs ${purse.gasPrice} wei, more than chains.${name}.mostGasPrice. Wait, or raise it.`,
        ]
      : []),
  ];
}

function chainNotes({ open: { name }, hasCreateX, purse, dataFee }: ChainLook): readonly string[] {
  return [
    ...(hasCreateX
      ? []
      : [
          `Chain ${name} has no CreateX: its signed transaction, known to all, is sent first, and costs at most ${CREATE_X_COST} wei.`,
        ]),
    ...(dataFee === undefined
      ? [
          `Chain ${name} looks like an OP-stack chain, but does not say what data cost on L1: leave the deployer more than what is counted here.`,
        ]
      : []),
    ...(purse.pending > 0
      ? [
          `Chain ${name}: ${purse.pending} transactions of the deployer are on their way; "run" waits for them.`,
        ]
      : []),
  ];
}

function pick<T>(list: readonly T[], i: number): T {
  const item = list[i];
  if (item === undefined) throw new Error(`no item ${i}`);
  return item;
}
