import { expect } from "chai";
import { deployCombs } from "./combs.ts";
import { differ } from "./differential.ts";

describe("noble, the TypeScript module and the contracts", () => {
  it("give the same answers on a thousand random and mutated signatures", async () => {
    const accepted = await differ(await deployCombs(), 1000, 20_26);
    expect(accepted).to.be.within(50, 500);
  });
});
