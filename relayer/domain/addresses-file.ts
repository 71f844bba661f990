import { z } from "zod";
import { address, chainId, chainName, hash } from "./ids.ts";

/** A contract that was or will be deployed. */
const contract = z.strictObject({
  /** The name that the source gives it. */
  contract: z.string().min(1),
  address,
  /** keccak256 of the code that stood there when it was deployed; left out before. */
  codeHash: hash.optional(),
  /** The transaction that deployed it; left out where that was not seen. */
  transaction: hash.optional(),
  /** Whether an explorer shows its source. */
  isVerified: z.boolean().default(false),
});

const tokenSide = z.strictObject({ token: address, bridge: address, mode: z.enum(["lock", "mint"]) });

const chain = z.strictObject({
  chainId,
  /** The contracts' first logs are in this block or later. */
  deploymentBlock: z.number().int().nonnegative(),
  /** Whether the chain had what BLS takes when its contracts were planned. */
  hasBls: z.boolean(),
  /** By the key that plans have for them, such as `outbox` or `bridge.ETH`. */
  contracts: z.record(z.string(), contract),
});

/** Where a deployment's contracts are: what `dchat deploy run` writes, and what fleet, command line and pages read. */
export const addressesSchema = z.strictObject({
  name: z.string().min(1),
  deployer: address,
  home: chainName,
  /** Whether everything was deployed. Before that the addresses are known all the same, and nothing may be sent to them. */
  isComplete: z.boolean(),
  chains: z.record(chainName, chain),
  tokens: z.record(
    z.string(),
    z.strictObject({ decimals: z.number().int().min(0), sides: z.record(chainName, tokenSide) }),
  ),
});

/** {@link addressesSchema}, as it is written to a file. */
export type AddressesInput = z.input<typeof addressesSchema>;
/** {@link addressesSchema}, read. */
export type Addresses = z.infer<typeof addressesSchema>;
/** One contract of it. */
export type DeployedContract = z.infer<typeof contract>;
