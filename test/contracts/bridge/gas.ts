import { readFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { bridgeGas } from "../../../bench/gas/bridge.ts";
import { slashingGas } from "../../../bench/gas/slashing.ts";

/** What each operation costs. Renew it by `npm run bench -- gas --json` where it may cost more, and say why in the commit. */
const snapshot = z
  .record(z.string(), z.number())
  .parse(JSON.parse(readFileSync(new URL("gas.json", import.meta.url), "utf8")));

describe("Bridge: gas snapshot", () => {
  it("is not exceeded by any operation", async () => {
    const measured = { ...(await bridgeGas()), ...(await slashingGas()) };
    expect(Object.keys(measured).toSorted()).to.deep.equal(Object.keys(snapshot).toSorted());
    const exceeded = Object.entries(measured).filter(([key, gas]) => gas > (snapshot[key] ?? 0));
    expect(exceeded).to.deep.equal([]);
  });
});
