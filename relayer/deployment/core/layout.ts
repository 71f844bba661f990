import type { DeploymentFile } from "../../domain/deployment-file.ts";
import { type Address, type ChainId, type ChainName, chainName, type Hash } from "../../domain/ids.ts";
import { placeOf } from "./create3.ts";

/** The contracts that are deployed, by the names that their sources give them. */
export type ContractName =
  | "Ed25519KeyRegistry"
  | "Ed25519CombBatchVerifier"
  | "Ed25519CombVerifier"
  | "Ed25519Verifier"
  | "BLS12381KeySets"
  | "BLS12381Verifier"
  | "BLS12381SetVerifier"
  | "Timelock"
  | "Outbox"
  | "Inbox"
  | "LaneWitness"
  | "ValidatorRegistry"
  | "Slashing"
  | "AttestedPoints"
  | "Escrow"
  | "BridgedToken"
  | "LockingTokenBridge"
  | "NativeTokenBridge"
  | "MintingTokenBridge";

/**
 * When a contract can be deployed: `foundation` at once, `lane` when the first set of validators is final on the home chain, for the Inboxes are deployed
 * with it.
 */
export type Stage = "foundation" | "lane";

/** A contract, where it will be, and which others must be there before. */
export type Planned = {
  /** Its name in the plan; a token's contracts have the symbol behind a dot. */
  readonly key: string;
  readonly contract: ContractName;
  readonly salt: Hash;
  readonly address: Address;
  readonly stage: Stage;
  /** Keys of contracts of the same chain that its constructor calls or looks for. */
  readonly needs: readonly string[];
};

/** One chain of a deployment, and all that will be on it, in an order in which it can be deployed. */
export type ChainLayout = {
  readonly name: ChainName;
  readonly chainId: ChainId;
  readonly isHome: boolean;
  /** Whether the chain has what BLS takes; without it the contracts for it are left out, and others are told the zero address. */
  readonly hasBls: boolean;
  readonly contracts: readonly Planned[];
};

/** Which contracts a chain gets, and what each needs. */
type Part = readonly [key: string, contract: ContractName, needs: readonly string[], stage?: Stage];

const ED25519: readonly Part[] = [
  ["keys", "Ed25519KeyRegistry", []],
  ["ed25519", "Ed25519Verifier", []],
  ["batch", "Ed25519CombBatchVerifier", ["keys"]],
  ["comb", "Ed25519CombVerifier", ["keys"]],
];
const BLS: readonly Part[] = [
  ["keySets", "BLS12381KeySets", []],
  ["bls", "BLS12381Verifier", []],
  ["blsSets", "BLS12381SetVerifier", ["keySets"]],
];
const BRIDGE: readonly Part[] = [
  ["timelock", "Timelock", []],
  ["outbox", "Outbox", ["timelock"]],
  ["witness", "LaneWitness", ["outbox"]],
];
const HOME: readonly Part[] = [
  ["registry", "ValidatorRegistry", ["timelock"]],
  ["slashing", "Slashing", ["timelock", "registry"]],
  ["points", "AttestedPoints", ["keys", "batch", "ed25519"]],
];

/**
 * What is deployed where. Nothing is read from the chains for it, so that every chain's contracts can be told the addresses of all others.
 * @param withBls the chains that have what BLS takes
 */
export function layoutOf(file: DeploymentFile, withBls: ReadonlySet<ChainName>): readonly ChainLayout[] {
  return Object.entries(file.chains).map(([text, { chainId }]) => {
    const name = chainName.parse(text);
    const [isHome, hasBls] = [name === file.home, withBls.has(name)];
    const parts: readonly Part[] = [
      ...ED25519,
      ...(hasBls ? BLS : []),
      ...BRIDGE,
      ...(isHome ? HOME : []),
      ...(file.escrow ? ([["escrow", "Escrow", []]] as const) : []),
      ["inbox", "Inbox", ["timelock", "keys", "batch", "ed25519", ...(hasBls ? ["blsSets"] : [])], "lane"],
      ...Object.keys(file.tokens).flatMap((symbol) => tokenParts(file, name, symbol)),
    ];
    return { name, chainId, isHome, hasBls, contracts: parts.map((part) => planned(file, part)) };
  });
}

/** A contract of a chain by its key. @throws Error when the chain has none, which is a mistake in here */
export function contractAt({ name, contracts }: ChainLayout, key: string): Planned {
  const found = contracts.find((contract) => contract.key === key);
  if (found === undefined) throw new Error(`chain ${name} has no contract ${key}`);
  return found;
}

function tokenParts({ tokens }: DeploymentFile, chain: ChainName, symbol: string): readonly Part[] {
  const token = tokens[symbol];
  if (token === undefined) return [];
  const [tokenKey, bridgeKey] = [`token.${symbol}`, `bridge.${symbol}`];
  if (token.origin !== chain)
    return [
      [tokenKey, "BridgedToken", []],
      [bridgeKey, "MintingTokenBridge", [tokenKey, "inbox", "timelock"], "lane"],
    ];
  const contract = token.locks === "native" ? "NativeTokenBridge" : "LockingTokenBridge";
  return [[bridgeKey, contract, ["inbox", "timelock"], "lane"]];
}

function planned({ name, salt, deployer }: DeploymentFile, part: Part): Planned {
  const [key, contract, needs, stage = "foundation"] = part;
  return { key, contract, needs, stage, ...placeOf(deployer, `${name} ${salt} ${key}`) };
}
