import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbiCoder, getAddress, hexlify } from "ethers";
import fc from "fast-check";
import { chainId, hash } from "../../../../relayer/domain/ids.ts";
import { decodeTerms } from "../../../../relayer/escrow/adapters/decode.ts";
import { decodeEscrow } from "../../../../relayer/indexer/adapters/decode-escrow.ts";
import { storedTerms } from "../../../../relayer/indexer/adapters/escrow-codec.ts";
import { Escrow__factory } from "../../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";

const contract = Escrow__factory.createInterface();
const id = hash.parse(`0x0a${"cd".repeat(31)}`);
const account = "0x00000000000000000000000000000000000000AA";
const place = {
  ...{ chainId: chainId.parse(1), blockNumber: 1, blockTime: 1, logIndex: 0 },
  transactionHash: hash.parse(`0x${"11".repeat(32)}`),
};
type Name = "Created" | "Evidence" | "MetaEvidence" | "Disputed" | "Claimed";
const read = (topics: readonly string[], data: string) => {
  const log = contract.parseLog({ data, topics });
  assert(log !== null);
  return decodeEscrow({ place, log, data });
};
const decode = (name: Name, values: readonly unknown[]) => {
  const { data, topics } = contract.encodeEventLog(contract.getEvent(name), values);
  return read(topics, data);
};

const bits = (count: bigint) => fc.bigInt({ min: 0n, max: (1n << count) - 1n });
const anyBytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => hexlify(raw));
const anyTerms = fc.record({
  ...{ buyer: anyBytes(20), token: anyBytes(20), arbiter: anyBytes(20), amount: bits(128n) },
  rules: bits(248n).map((rest) => rest << 8n), // the lowest byte is a choice among a few
  metadata: anyBytes(32),
  milestones: fc.array(bits(168n), { maxLength: 5 }),
  payees: fc.array(anyBytes(32), { maxLength: 5 }),
});

/** Addresses as a log gives them. */
const checksummed = ({ buyer, token, arbiter }: Readonly<Record<"buyer" | "token" | "arbiter", string>>) => ({
  ...{ buyer: getAddress(buyer), token: getAddress(token), arbiter: getAddress(arbiter) },
});

describe("an escrow's logs in the index", () => {
  it("hold ERC-1497's evidence and agreements, which name the escrow by a number", () => {
    const [evidence] = decode("Evidence", [account, BigInt(id), account, "ipfs://x"]);
    assert.deepEqual([evidence?.escrowId, evidence?.name], [id, "Evidence"]);
    assert.equal(decode("MetaEvidence", [BigInt(id), "ipfs://y"])[0]?.escrowId, id);
    assert.equal(decode("Disputed", [id, account])[0]?.escrowId, id);
  });

  it("hold terms with any number of milestones and payees as they were agreed", () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const [created] = decode("Created", [id, account, account, terms]);
        assert.deepEqual(
          decodeTerms(storedTerms.parse(JSON.parse(JSON.stringify(created?.details)))),
          decodeTerms({ ...terms, ...checksummed(terms) }),
        );
      }),
    );
  });

  it("hold what anybody publishes, whatever bytes that is, as text that every database keeps", () => {
    const { topics } = contract.encodeEventLog(contract.getEvent("MetaEvidence"), [BigInt(id), ""]);
    const publish = (raw: Uint8Array) =>
      read(topics, AbiCoder.defaultAbiCoder().encode(["bytes"], [raw]))[0]?.details;
    assert.deepEqual(publish(Uint8Array.of(0x61, 0xff, 0x00, 0xed, 0xa0, 0x80, 0x62)), {
      _evidence: "a\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb",
    });
    fc.assert(
      fc.property(fc.uint8Array(), (raw) => {
        const text = JSON.stringify(publish(raw));
        assert(text.isWellFormed() && !text.includes(String.raw`\u0000`), text);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.deepEqual(publish(new TextEncoder().encode(text)), {
          _evidence: text.replaceAll("\0", "\uFFFD"),
        });
      }),
    );
  });

  it("hold nothing that is about no escrow", () => {
    assert.deepEqual(decode("Claimed", [account, account, account, 1n]), []);
  });
});
