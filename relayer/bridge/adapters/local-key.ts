import { hexlify, getBytes } from "ethers";
import { publicKeyOf, signerOf } from "../../domain/ed25519.ts";
import { type Hash, publicKey, type PublicKey, signature, type Signature } from "../../domain/ids.ts";
import type { SigningKey } from "../ports.ts";

/** A {@link SigningKey} in this process's memory. */
export class LocalSigningKey implements SigningKey {
  readonly publicKey: PublicKey;
  readonly #sign: (message: Uint8Array) => Uint8Array;

  /** @param secretKey the 32 bytes that RFC 8032 calls the private key */
  constructor(secretKey: Uint8Array) {
    this.#sign = signerOf(secretKey);
    this.publicKey = publicKey.parse(hexlify(publicKeyOf(secretKey)));
  }

  sign(digest: Hash): Promise<Signature> {
    return Promise.resolve(signature.parse(hexlify(this.#sign(getBytes(digest)))));
  }
}
