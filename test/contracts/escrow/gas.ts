import { expect } from "chai";
import { readFileSync } from "node:fs";
import { escrowGas } from "../../../bench/gas/escrow.ts";
import { world } from "./fixture.ts";

/** `gas.json` holds what each operation costs; see docs/escrow/gas.md for how to renew it. */
const snapshot = JSON.parse(readFileSync(new URL("gas.json", import.meta.url), "utf8")) as Record<
  string,
  number
>;

describe("Escrow: gas snapshot", () => {
  it("is not exceeded by any operation", async () => {
    const measured = await escrowGas();
    expect(Object.keys(measured).toSorted()).to.deep.equal(Object.keys(snapshot).toSorted());
    const exceeded = Object.entries(measured).filter(([key, gas]) => gas > (snapshot[key] ?? 0));
    expect(exceeded).to.deep.equal([]);
  });

  it("fits the code within EIP-170", async () => {
    const { escrow } = await world();
    const code = (await escrow.getDeployedCode()) ?? "";
    expect((code.length - 2) / 2).to.be.within(1, 24_576);
  });
});
