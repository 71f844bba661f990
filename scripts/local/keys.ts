import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { computeAddress, hexlify } from "ethers";
import { publicKeyOf } from "../../relayer/domain/ed25519.ts";
import { address, type Address, publicKey, type PublicKey } from "../../relayer/domain/ids.ts";

/** A key that was made for this run, and the file that holds it; only its owner can read that. */
export type KeyFile<Public> = { readonly file: string; readonly public: Public };

/** Makes a validator's Ed25519 key. */
export function createValidatorKey(folder: string, name: string): KeyFile<PublicKey> {
  const secret = randomBytes(32);
  return { file: write(folder, name, secret), public: publicKey.parse(hexlify(publicKeyOf(secret))) };
}

/** Makes an account's secp256k1 key. */
export function createAccountKey(folder: string, name: string): KeyFile<Address> {
  const secret = randomBytes(32); // outside the curve's order with a probability of 2^-128
  return { file: write(folder, name, secret), public: address.parse(computeAddress(hexlify(secret))) };
}

function write(folder: string, name: string, secret: Uint8Array): string {
  const file = join(folder, `${name}.key`);
  writeFileSync(file, `${hexlify(secret)}\n`, { mode: 0o600 });
  return file;
}
