import * as noble from "@noble/ed25519";
import { sign, verify, withHint } from "../../../relayer/domain/ed25519.ts";
import type { deployCombs } from "./combs.ts";
import { fromLittleEndian, littleEndian, mixedKey, signer, signMixed, torsion } from "./signatures.ts";

/**
 * Differential testing of Ed25519: random and mutated signatures, answered by noble's strict mode, by the TypeScript
 * module and by the contracts, with and without registration. Everything follows from a seed.
 *
 * @module
 */

type Case = {
  readonly kind: string;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};
type Owner = { readonly key: Uint8Array; readonly sign: (message: Uint8Array, inR: number) => Uint8Array };

const L = noble.Point.CURVE().n;
const P = 2n ** 255n - 19n;

/** A stream of pseudo-random numbers below 2^32 (Mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  };
}

/** Three ordinary keys and two of mixed order. */
const OWNERS: readonly Owner[] = [
  ...[31, 32, 33].map((seed) => {
    const { secretKey, key } = signer(seed);
    return { key, sign: (message: Uint8Array) => sign(message, secretKey) };
  }),
  ...[1, 4].map((part) => {
    const owner = mixedKey(34, part);
    return { key: owner.key, sign: (message: Uint8Array, inR: number) => signMixed(message, owner, inR) };
  }),
];

const join = (r: Uint8Array, s: Uint8Array) => Uint8Array.from([...r, ...s]);

/** Makes one case. */
function makeCase(random: () => number): Case {
  const bytes = (length: number) => Uint8Array.from({ length }, () => random() & 0xff);
  const owner = OWNERS[random() % OWNERS.length] ?? {
    key: new Uint8Array(32),
    sign: () => new Uint8Array(64),
  };
  const message = bytes(32);
  const valid = owner.sign(message, random() & 7);
  const [r, s] = [valid.slice(0, 32), valid.slice(32)];
  const flipped = (data: Uint8Array) => {
    const bit = random() % (data.length * 8);
    return data.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  };
  const around = BigInt(random() % 40);
  const mutations: readonly (() => Partial<Case>)[] = [
    () => ({}),
    () => ({ signature: flipped(valid) }),
    () => ({ message: flipped(message) }),
    () => ({ key: (OWNERS[random() % OWNERS.length] ?? owner).key }),
    () => ({
      signature: join(r, littleEndian((fromLittleEndian(s) + L * BigInt(1 + (random() % 15))) % 2n ** 256n)),
    }),
    () => ({ signature: join(r, littleEndian(L - fromLittleEndian(s))) }),
    () => ({ signature: join(torsion(random()).toBytes(), s) }),
    () => ({ signature: join(littleEndian(P + around), s) }),
    () => ({ signature: join(littleEndian(2n ** 255n + (random() & 1 ? around : P - around)), s) }),
    () => ({ signature: bytes(64) }),
    () => ({ signature: join(noble.Point.fromBytes(r).add(torsion(random())).toBytes(), s) }),
    () => ({ signature: join(noble.Point.fromBytes(r).negate().toBytes(), s) }),
    () => ({ key: flipped(owner.key) }),
  ];
  const kind = random() % mutations.length;
  return { kind: String(kind), key: owner.key, message, signature: valid, ...mutations[kind]?.() };
}

/**
 * Runs `count` cases and throws at the first on which two answers differ.
 *
 * @returns how many signatures were valid
 */
export async function differ(
  combs: Awaited<ReturnType<typeof deployCombs>>,
  count: number,
  seed: number,
): Promise<number> {
  const { verifier, batch, harness, plant } = combs;
  for (const { key } of OWNERS) await plant(key);
  const registered = new Set(OWNERS.map(({ key }) => Buffer.from(key).toString("hex")));
  const magic = verifier.interface.getFunction("verify").selector;
  const random = randomNumbers(seed);
  let accepted = 0;
  for (let i = 0; i < count; i++) {
    const { kind, key, message, signature } = makeCase(random);
    const expected = noble.verify(signature, message, key, { zip215: false });
    const answers = [verify(signature, message, key), await harness.verify(message, signature, key)];
    if (registered.has(Buffer.from(key).toString("hex"))) {
      const hinted = hint(signature);
      answers.push((await verifier.verify(key, message, hinted)) === magic);
      answers.push(await batch.verifyAll(message, key, hinted));
    }
    if (answers.some((answer) => answer !== expected)) {
      const hex = [key, message, signature].map((data) => Buffer.from(data).toString("hex")).join(" ");
      throw new Error(
        `case ${i} of seed ${seed}, kind ${kind}: noble ${expected}, others ${answers.join()}: ${hex}`,
      );
    }
    if (expected) accepted++;
  }
  return accepted;
}

/** The hinted form; for an R that is no point, with an x of 1. */
function hint(signature: Uint8Array): Uint8Array {
  try {
    return withHint(signature);
  } catch {
    return Uint8Array.from([...signature, ...new Uint8Array(31), 1]);
  }
}
