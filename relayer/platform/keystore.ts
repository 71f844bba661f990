import {
  createCipheriv,
  createHash,
  pbkdf2,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";

const hexText = (description: string, bytes?: number) =>
  z
    .string()
    .regex(
      bytes === undefined ? /^([0-9a-f]{2})+$/i : new RegExp(`^[0-9a-f]{${bytes * 2}}$`, "i"),
      `expected ${description} in hexadecimal digits`,
    );

/**
 * The most work that a keystore may ask of whoever opens it, so that a hostile file cannot hold up a signer: 16 times what EIP-2335
 * proposes for PBKDF2, and scrypt in 512 MiB, twice of what it proposes.
 */
const MAX_PBKDF2_ROUNDS = 2 ** 22;
const MAX_SCRYPT_BYTES = 2 ** 29;
const MAX_SCRYPT_LANES = 4;

const salt = hexText("a salt").max(256);
const scryptParams = z
  .strictObject({
    dklen: z.literal(32),
    n: z.number().int().min(2),
    p: z.number().int().min(1).max(MAX_SCRYPT_LANES),
    r: z.number().int().min(1),
    salt,
  })
  .refine(({ n }) => Number.isInteger(Math.log2(n)), { path: ["n"], message: "expected a power of two" })
  .refine(({ n, r }) => 128 * n * r <= MAX_SCRYPT_BYTES, {
    path: ["n"],
    message: `expected 128·n·r of at most ${MAX_SCRYPT_BYTES} bytes of memory`,
  });
const pbkdf2Params = z.strictObject({
  dklen: z.literal(32),
  c: z.number().int().min(1).max(MAX_PBKDF2_ROUNDS),
  prf: z.literal("hmac-sha256"),
  salt,
});
const kdf = z.discriminatedUnion("function", [
  z.strictObject({ function: z.literal("scrypt"), params: scryptParams, message: z.literal("") }),
  z.strictObject({ function: z.literal("pbkdf2"), params: pbkdf2Params, message: z.literal("") }),
]);

/** An encrypted secret key as EIP-2335 writes it. */
export const keystoreSchema = z.strictObject({
  crypto: z.strictObject({
    kdf,
    checksum: z.strictObject({
      function: z.literal("sha256"),
      params: z.strictObject({}),
      message: hexText("a SHA-256 digest", 32),
    }),
    cipher: z.strictObject({
      function: z.literal("aes-128-ctr"),
      params: z.strictObject({ iv: hexText("16 bytes", 16) }),
      message: hexText("the encrypted key").max(1_024),
    }),
  }),
  description: z.string().optional(),
  /** Without 0x, as in EIP-2335. */
  pubkey: hexText("a public key").optional(),
  path: z.string(),
  uuid: z.uuid(),
  version: z.literal(4),
});
/** {@link keystoreSchema}, read. */
export type Keystore = z.infer<typeof keystoreSchema>;

/** How a pass-phrase is made into a key: the field's two functions, scrypt the one that costs an attacker memory, too. */
export type KdfName = Keystore["crypto"]["kdf"]["function"];

/** What EIP-2335 proposes. Fewer are for tests only. */
const PROPOSED_WORK = 262_144;

/** Encrypts a secret key. @param work scrypt's n, or PBKDF2's rounds */
export async function encryptKeystore(
  secret: Uint8Array,
  passphrase: string,
  about: { readonly pubkey: string; readonly description: string },
  { kdf: name = "scrypt", work = PROPOSED_WORK }: { readonly kdf?: KdfName; readonly work?: number } = {},
): Promise<Keystore> {
  const freshSalt = randomBytes(32).toString("hex");
  const chosen: Keystore["crypto"]["kdf"] =
    name === "scrypt"
      ? { function: name, params: { dklen: 32, n: work, p: 1, r: 8, salt: freshSalt }, message: "" }
      : { function: name, params: { dklen: 32, c: work, prf: "hmac-sha256", salt: freshSalt }, message: "" };
  const key = await deriveKey(chosen, passphrase);
  const iv = randomBytes(16);
  const message = applyCipher(key, iv, secret);
  return keystoreSchema.parse({
    crypto: {
      kdf: chosen,
      checksum: { function: "sha256", params: {}, message: checksum(key, message).toString("hex") },
      cipher: {
        function: "aes-128-ctr",
        params: { iv: iv.toString("hex") },
        message: message.toString("hex"),
      },
    },
    ...about,
    path: "",
    uuid: randomUUID(),
    version: 4,
  });
}

/** Decrypts a keystore, or returns undefined when the pass-phrase is not its own (or the file was changed). */
export async function decryptKeystore(
  { crypto }: Keystore,
  passphrase: string,
): Promise<Uint8Array | undefined> {
  const key = await deriveKey(crypto.kdf, passphrase);
  const message = Buffer.from(crypto.cipher.message, "hex");
  if (!timingSafeEqual(checksum(key, message), Buffer.from(crypto.checksum.message, "hex"))) return undefined;
  return new Uint8Array(applyCipher(key, Buffer.from(crypto.cipher.params.iv, "hex"), message));
}

/** A pass-phrase as EIP-2335 takes it: NFKD, without control codes (C0, C1 and Delete), in UTF-8. */
export function normalizePassphrase(passphrase: string): Buffer {
  return Buffer.from(passphrase.normalize("NFKD").replace(/\p{Cc}/gu, ""), "utf8");
}

function deriveKey(
  { function: name, params }: Keystore["crypto"]["kdf"],
  passphrase: string,
): Promise<Buffer> {
  const password = normalizePassphrase(passphrase);
  const salted = Buffer.from(params.salt, "hex");
  if (name === "pbkdf2") return promisify(pbkdf2)(password, salted, params.c, params.dklen, "sha256");
  const { n, r, p, dklen } = params;
  return new Promise((resolve, reject) => {
    // OpenSSL counts some buffers beside the table.
    const maxmem = 128 * r * (n + p + 2) + 2 ** 20;
    scrypt(password, salted, dklen, { N: n, r, p, maxmem }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function checksum(key: Buffer, message: Buffer): Buffer {
  return createHash("sha256").update(key.subarray(16, 32)).update(message).digest();
}

/** AES in counter mode: the same call encrypts and decrypts. */
function applyCipher(key: Buffer, iv: Buffer, message: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-128-ctr", key.subarray(0, 16), iv);
  return Buffer.concat([cipher.update(message), cipher.final()]);
}
