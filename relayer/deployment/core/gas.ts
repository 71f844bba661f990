import { dataLength, getBytes } from "ethers";

/** Gas of a transaction before anything runs, and of each byte of calldata: zero and other (EIP-2028). */
const TRANSACTION = 21_000n;
const ZERO_BYTE = 4n;
const OTHER_BYTE = 16n;
/** A byte of calldata of a transaction that does little else (EIP-7623). */
const FLOOR_ZERO_BYTE = 10n;
const FLOOR_OTHER_BYTE = 40n;
/** Two creations: CREATE3's proxy, and the contract. */
const CREATIONS = 2n * 32_000n;
/** Each byte of code that is kept, and each word of code that creates (EIP-3860). */
const CODE_BYTE = 200n;
const CODE_WORD = 2n;
/** CreateX's own work, and what constructors store and log: measured to be below this for all of ours but the registry's seats. */
const CONSTRUCTOR = 250_000n;

/**
 * About how much gas it takes to deploy `initCode` through CreateX, on the high side: all of the code that creates is taken for code that is kept. The
 * constructor cannot be run before what it calls is there.
 */
export function deploymentGas(initCode: string): bigint {
  const bytes = getBytes(initCode);
  const zero = BigInt(bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0));
  const other = BigInt(bytes.length) - zero;
  const runs =
    zero * ZERO_BYTE +
    other * OTHER_BYTE +
    CREATIONS +
    BigInt(dataLength(initCode)) * CODE_BYTE +
    (BigInt(dataLength(initCode)) / 32n) * CODE_WORD * 2n +
    CONSTRUCTOR;
  const floor = zero * FLOOR_ZERO_BYTE + other * FLOOR_OTHER_BYTE;
  return TRANSACTION + (runs > floor ? runs : floor);
}

/** What a transaction through CreateX has beside `initCode`: the call, and its own fields. In bytes, on the high side. */
const ENVELOPE = 400;
/** About what an Inbox with a set of three is created with: its size is asked for before there is a set. */
const INBOX_BYTES = 24_576;

/** How long the unsigned transaction is that deploys `initCode`, in bytes. @param initCode undefined for an Inbox that waits for its set */
export function deploymentBytes(initCode: string | undefined): number {
  return (initCode === undefined ? INBOX_BYTES : dataLength(initCode)) + ENVELOPE;
}
