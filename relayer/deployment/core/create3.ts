import {
  concat,
  dataSlice,
  getCreate2Address,
  getCreateAddress,
  id,
  keccak256,
  toBeHex,
  zeroPadValue,
} from "ethers";
import { address, type Address, hash, type Hash } from "../../domain/ids.ts";

/** CreateX, the factory at the same address on every chain that has it (https://createx.rocks). */
export const CREATE_X = address.parse("0xba5Ed099633D3B313e4D5F7bdc1305d3c28ba5Ed");
/** The hash of its code. */
export const CREATE_X_CODE_HASH = hash.parse(
  "0xbd8a7ea8cfca7b4e5f5041d7d4b17bc317c5ce42cfbc42066a00cf26b43eb53f",
);
/** Who sends the one transaction that puts CreateX on a chain; its signature is known to all, and its key to nobody. */
export const CREATE_X_SENDER = address.parse("0xeD456e05CaAb11d66C4c797dD6c1D6f9A7F352b5");
/** What that transaction costs at most, in wei: 3,000,000 gas at 100 gwei, fixed by the signature. */
export const CREATE_X_COST = 300_000_000_000_000_000n;

/** keccak256 of the code that creates CREATE3's proxies. */
const PROXY_CODE_HASH = "0x21c35dbe1b344a2488cf3321d6ce542f8e9f305544ff09e4993a62319a497c1f";
/** In the salt behind the deployer: the same address on every chain. */
const ON_EVERY_CHAIN = "0x00";
/** What is left of the salt's 32 bytes for us. */
const OWN_BYTES = 11;

/** A place for a contract: the salt, and the address that it leads to. */
export type Place = { readonly salt: Hash; readonly address: Address };

/**
 * Where CreateX puts what `deployer` creates under `name`, on every chain. The address depends on nothing else: not on the code or its arguments, so that
 * contracts can be told each other's addresses before they exist; not on nonces, so that a deployment that was interrupted goes on.
 */
export function placeOf(deployer: Address, name: string): Place {
  const own = dataSlice(id(`dchat deployment v1: ${name}`), 0, OWN_BYTES);
  // CreateX takes a salt that begins with an account from that account alone.
  const salt = hash.parse(concat([deployer, ON_EVERY_CHAIN, own]));
  const guarded = keccak256(concat([zeroPadValue(deployer, 32), salt]));
  const proxy = getCreate2Address(CREATE_X, guarded, PROXY_CODE_HASH);
  return { salt, address: address.parse(getCreateAddress({ from: proxy, nonce: toBeHex(1) })) };
}
