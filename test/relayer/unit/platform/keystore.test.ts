import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  decryptKeystore,
  encryptKeystore,
  keystoreSchema,
  normalizePassphrase,
} from "../../../../relayer/platform/keystore.ts";

// The test vectors of EIP-2335.
const SECRET = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
const PASSPHRASE = "𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑";
const salt = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";
const rest = {
  description: "This is a test keystore of EIP-2335.",
  pubkey: "9612d7a727c9d0a22e185a1c768478dfe919cada9266988cb32359c11f2b7b27f4ae4040902382ae2910c15e2b420d07",
  path: "m/12381/60/0/0",
  uuid: "64625def-3331-4eea-ab6f-782f3ed16a83",
  version: 4,
};
const cryptoOf = (kdf: unknown, checksum: string, message: string) => ({
  kdf,
  checksum: { function: "sha256", params: {}, message: checksum },
  cipher: { function: "aes-128-ctr", params: { iv: "264daa3f303d7259501c93d997d84fe6" }, message },
});
const vectors = {
  scrypt: cryptoOf(
    { function: "scrypt", params: { dklen: 32, n: 262144, p: 1, r: 8, salt }, message: "" },
    "d2217fe5f3e9a1e34581ef8a78f7c9928e436d36dacc5e846690a5581e8ea484",
    "06ae90d55fe0a6e9c5c3bc5b170827b2e5cce3929ed3f116c2811e6366dfe20f",
  ),
  pbkdf2: cryptoOf(
    { function: "pbkdf2", params: { dklen: 32, c: 262144, prf: "hmac-sha256", salt }, message: "" },
    "8a9f5d9912ed7e75ea794bc5a89bca5f193721d30868ade6f73043c6ea6febf1",
    "cee03fde2af33149775b7223e7845e4fb2c8ae1792e5f99fe9ecf474cc8c16ad",
  ),
};

describe("keystores", () => {
  for (const [name, crypto] of Object.entries(vectors))
    it(`opens EIP-2335's test vector for ${name}, and not with another pass-phrase`, async () => {
      const keystore = keystoreSchema.parse({ crypto, ...rest });
      const secret = await decryptKeystore(keystore, PASSPHRASE);
      assert.equal(Buffer.from(secret ?? []).toString("hex"), SECRET);
      assert.equal(await decryptKeystore(keystore, "testpassword"), undefined);
    });

  it("takes a pass-phrase as EIP-2335 says: NFKD, without control codes", () => {
    assert.equal(normalizePassphrase(PASSPHRASE).toString("hex"), "7465737470617373776f7264f09f9491");
    assert.equal(normalizePassphrase("a\u0000b\u001fc\u007fd\u0080e\u009ff\r\n").toString(), "abcdef");
    assert.equal(normalizePassphrase("\u00c5").toString(), "A\u030a");
  });

  it("gives back what was encrypted, by the same pass-phrase alone, and no part of it stands in the file", async () => {
    const phrase = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        phrase,
        phrase,
        fc.constantFrom("scrypt", "pbkdf2"),
        async (secret, one, two, kdf) => {
          const about = { pubkey: "00", description: "" };
          const keystore = await encryptKeystore(secret, one, about, { kdf, work: 2 });
          const text = JSON.stringify(keystore);
          assert(!text.includes(Buffer.from(secret).toString("hex")));
          const read = keystoreSchema.parse(JSON.parse(text));
          assert.deepEqual(await decryptKeystore(read, one), secret);
          if (!normalizePassphrase(one).equals(normalizePassphrase(two)))
            assert.equal(await decryptKeystore(read, two), undefined);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("are refused before any work is done when they ask for too much of it, or are of another make", () => {
    const { scrypt, pbkdf2 } = vectors;
    const changed = (crypto: typeof scrypt, params: object, more: object = {}) => {
      const kdf = crypto.kdf as { readonly params: object };
      return {
        crypto: { ...crypto, kdf: { ...kdf, params: { ...kdf.params, ...params } } },
        ...rest,
        ...more,
      };
    };
    for (const hostile of [
      changed(scrypt, { n: 2 ** 40 }),
      changed(scrypt, { n: 262_145 }),
      changed(scrypt, { r: 2 ** 20 }),
      changed(scrypt, { p: 1_000 }),
      changed(scrypt, { n: 1 }),
      changed(scrypt, { dklen: 2 ** 30 }),
      changed(scrypt, { salt: "00".repeat(1_000) }),
      changed(pbkdf2, { c: 2 ** 31 }),
      changed(pbkdf2, { c: 0 }),
      changed(pbkdf2, { prf: "hmac-md5" }),
      changed(scrypt, {}, { version: 3 }),
      changed(scrypt, {}, { more: 1 }),
    ])
      assert.equal(keystoreSchema.safeParse(hostile).success, false, JSON.stringify(hostile));
    assert(keystoreSchema.safeParse(changed(scrypt, {})).success);
  });
});
