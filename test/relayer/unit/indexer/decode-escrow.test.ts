import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chainId, hash } from "../../../../relayer/domain/ids.ts";
import { decodeEscrow } from "../../../../relayer/indexer/adapters/decode-escrow.ts";
import { Escrow__factory } from "../../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";

const contract = Escrow__factory.createInterface();
const id = hash.parse(`0x0a${"cd".repeat(31)}`);
const account = "0x00000000000000000000000000000000000000AA";
const place = {
  ...{ chainId: chainId.parse(1), blockNumber: 1, blockTime: 1, logIndex: 0 },
  transactionHash: hash.parse(`0x${"11".repeat(32)}`),
};
const decode = (name: "Evidence" | "MetaEvidence" | "Disputed" | "Claimed", values: readonly unknown[]) => {
  const { data, topics } = contract.encodeEventLog(contract.getEvent(name), values);
  const log = contract.parseLog({ data, topics });
  assert(log !== null);
  return decodeEscrow({ place, log });
};

describe("an escrow's logs in the index", () => {
  it("hold ERC-1497's evidence and agreements, which name the escrow by a number", () => {
    const [evidence] = decode("Evidence", [account, BigInt(id), account, "ipfs://x"]);
    assert.deepEqual([evidence?.escrowId, evidence?.name], [id, "Evidence"]);
    assert.equal(decode("MetaEvidence", [BigInt(id), "ipfs://y"])[0]?.escrowId, id);
    assert.equal(decode("Disputed", [id, account])[0]?.escrowId, id);
  });

  it("hold nothing that is about no escrow", () => {
    assert.deepEqual(decode("Claimed", [account, account, account, 1n]), []);
  });
});
