import { schemeCodes } from "../../../relayer/domain/validator-set.ts";
import { getBytes, hexlify, id as keccakOfText, toBeHex } from "ethers";
import { network } from "hardhat";
import * as bls from "../../../relayer/domain/bls.ts";
import { publicKeyOf } from "../../../relayer/domain/ed25519.ts";
import {
  address,
  bytes,
  type Bytes,
  chainId,
  hash,
  type Hash,
  publicKey,
  type PublicKey,
} from "../../../relayer/domain/ids.ts";

export const { ethers, networkHelpers } = await network.create();

export const HOME = chainId.parse(31_337);
/** Another chain, with an Outbox, a witness and an Inbox that are mere addresses here. */
export const AWAY = chainId.parse(7_777);
export const AWAY_OUTBOX = address.parse("0x00000000000000000000000000000000000000A1");
export const AWAY_WITNESS = address.parse("0x00000000000000000000000000000000000000A2");
export const AWAY_INBOX = address.parse("0x00000000000000000000000000000000000000a3");

export const DAY = 86_400;
export const MINIMUM = 1_000n * 10n ** 18n;
export const PERIODS = {
  unbonding: 14 * DAY,
  validity: 7 * DAY,
  evidenceWindow: 6 * DAY,
  overlap: DAY,
  epochLength: DAY,
  jailTime: 2 * DAY,
} as const;
export const VETO_WINDOW = 2 * DAY;
export const COMMIT_LIFE = DAY / 4;
export const GRACE = 24 * 3_600;
export const ZERO = ethers.ZeroAddress;
export const ZERO_HASH = ethers.ZeroHash;
export const Scheme = schemeCodes;
export type Scheme = (typeof Scheme)[keyof typeof Scheme];

export const account = (i: number) => ethers.provider.getSigner(i);
export const deployer = await account(0);
/** Reports offences, and has never had anything to do with the registry. */
export const reporter = await account(1);
export const thief = await account(2);
export const vetoer = await account(3);
/** Plays the home chain's Inbox. */
export const inbox = await account(4);
export const treasury = await account(5);
/** Operators of the validators 0, 1, 2, … */
export const operatorOf = (i: number) => account(6 + (i % 14));

export type TestValidator = {
  readonly key: PublicKey;
  readonly secretKey: Uint8Array;
  readonly blsSecret: Uint8Array;
  readonly blsKey: Bytes;
};

/** The `i`-th validator: fixed keys. */
export function validator(i: number): TestValidator {
  const secretKey = getBytes(keccakOfText(`slashing validator ${i}`));
  const blsSecret = getBytes(toBeHex(1_000 + i, 32));
  const key = publicKey.parse(hexlify(publicKeyOf(secretKey)));
  return { key, secretKey, blsSecret, blsKey: bytes.parse(hexlify(bls.publicKeyOf(blsSecret))) };
}

/** A value for an accumulator that no lane has. */
export const lie = (text: string): Hash => hash.parse(keccakOfText(text));
