import { getAddress, isAddress } from "ethers";
import { z } from "zod";

const hex = (bytes: number, what: string) =>
  z
    .string()
    .regex(
      new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`),
      `expected ${what}: 0x and ${bytes * 2} hexadecimal digits`,
    )
    .toLowerCase();

/** An EVM account, 20 bytes, in its EIP-55 spelling. A wrong checksum is refused: it means a typing error. */
export const address = z
  .string()
  .refine(
    isAddress,
    "expected an address: 0x and 40 hexadecimal digits, with its EIP-55 checksum if in mixed case",
  )
  .overwrite((text) => (isAddress(text) ? getAddress(text) : text))
  .brand<"Address">();
/** {@link address} */
export type Address = z.infer<typeof address>;

/** An EIP-155 chain id that JavaScript can hold exactly. */
export const chainId = z.number().int().positive().brand<"ChainId">();
/** {@link chainId} */
export type ChainId = z.infer<typeof chainId>;

/** The name that a configuration gives to a chain: a letter, then letters, digits and underscores. */
export const chainName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_]{0,31}$/,
    "expected a chain name: a letter, then up to 31 letters, digits or underscores",
  )
  .brand<"ChainName">();
/** {@link chainName} */
export type ChainName = z.infer<typeof chainName>;

/** A lane, as `MessageLib.laneId` computes it: 32 bytes. */
export const laneId = hex(32, "a lane id").brand<"LaneId">();
/** {@link laneId} */
export type LaneId = z.infer<typeof laneId>;

/** A message, as `MessageLib.messageId` computes it: 32 bytes. */
export const messageId = hex(32, "a message id").brand<"MessageId">();
/** {@link messageId} */
export type MessageId = z.infer<typeof messageId>;

/** 32 bytes that are a hash but none of the ids above: an accumulator, a digest, a domain, a block hash. */
export const hash = hex(32, "a hash").brand<"Hash">();
/** {@link hash} */
export type Hash = z.infer<typeof hash>;

/** A validator's Ed25519 public key, 32 bytes as RFC 8032 encodes it. */
export const publicKey = hex(32, "a public key").brand<"PublicKey">();
/** {@link publicKey} */
export type PublicKey = z.infer<typeof publicKey>;

/** An Ed25519 signature, 64 bytes as RFC 8032 encodes it. */
export const signature = hex(64, "a signature").brand<"Signature">();
/** {@link signature} */
export type Signature = z.infer<typeof signature>;

/** Any bytes, as 0x and pairs of hexadecimal digits. */
export const bytes = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, "expected bytes: 0x and pairs of hexadecimal digits")
  .brand<"Bytes">();
/** {@link bytes} */
export type Bytes = z.infer<typeof bytes>;

/**
 * A whole number of up to 256 bits: a decimal string where it is stored or sent (JSON has no bigint), a bigint where it is
 * computed with. `z.decode` reads, `z.encode` writes.
 */
export const integer = z.codec(
  z.string().regex(/^(0|[1-9][0-9]{0,77})$/, "expected a whole number in decimal digits"),
  z.bigint().nonnegative(),
  { decode: (text) => BigInt(text), encode: (value) => value.toString() },
);
