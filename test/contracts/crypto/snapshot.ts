import { readFileSync } from "node:fs";
import { expect } from "chai";
import { measureCodeSizes, measureCrypto, type Figures } from "../../../bench/gas/crypto.ts";
import { CRYPTO_SNAPSHOT } from "../../../bench/gas/snapshot.ts";

const snapshot = JSON.parse(readFileSync(CRYPTO_SNAPSHOT, "utf8")) as { gas: Figures; bytes: Figures };
/** EIP-170. */
const MAX_CODE_BYTES = 24_576;

/** Fails when a figure is above its snapshot, or when one of them has no counterpart. */
function expectNotAbove(measured: Figures, kept: Figures): void {
  expect(Object.keys(measured)).to.have.members(Object.keys(kept));
  for (const [key, value] of Object.entries(measured)) {
    expect(value, `${key} has grown; if that is meant, run node bench/gas/snapshot.ts`).to.be.at.most(
      kept[key] ?? 0,
    );
  }
}

describe("the snapshot of contracts/crypto", () => {
  it("holds for gas", async () => {
    expectNotAbove(await measureCrypto(), snapshot.gas);
  });

  it("holds for the size of the code, which EIP-170 allows", async () => {
    const sizes = await measureCodeSizes();
    expectNotAbove(sizes, snapshot.bytes);
    for (const [name, bytes] of Object.entries(sizes)) expect(bytes, name).to.be.at.most(MAX_CODE_BYTES);
  });

  it("fails when a figure grows, or is missing", () => {
    const kept = { a: 1, b: 2 };
    expect(() => {
      expectNotAbove({ a: 1, b: 1 }, kept);
    }).not.to.throw();
    expect(() => {
      expectNotAbove({ a: 2, b: 2 }, kept);
    }).to.throw("a has grown");
    expect(() => {
      expectNotAbove({ a: 1 }, kept);
    }).to.throw();
  });
});
