import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getBytes, hexlify } from "ethers";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { hashOf } from "../../support/bridge.ts";

describe("a signing key", () => {
  it("shows its public half and nothing else", () => {
    const secret = getBytes(hashOf("secret"));
    const text =
      JSON.stringify(new LocalSigningKey(secret)) + String(Object.entries(new LocalSigningKey(secret)));
    assert(!text.includes(hexlify(secret).slice(2)));
  });
});
