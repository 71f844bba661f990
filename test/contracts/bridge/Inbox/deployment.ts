import { expect } from "chai";
import { bytes } from "../../../../relayer/domain/ids.ts";
import { HERE, ORIGIN, OUTBOX, setOf, testValidators } from "../fixture.ts";
import { ethers, load, set } from "./environment.ts";

describe("Inbox: what it is deployed with", () => {
  const five = testValidators(5);
  const attempts: [string, Partial<typeof set>, string][] = [
    ["a threshold of 0", { threshold: 0 }, "InvalidThreshold"],
    ["a threshold of 1", { threshold: 1 }, "InvalidThreshold"],
    ["a threshold of 1 of 1", { threshold: 1, validators: set.validators.slice(0, 1) }, "InvalidThreshold"],
    [
      "a threshold of half",
      { threshold: 2, validators: setOf(five, 2).validators.slice(0, 4) },
      "InvalidThreshold",
    ],
    ["a threshold above the number of validators", { threshold: 4 }, "InvalidThreshold"],
    ["no validators", { validators: [] }, "InvalidThreshold"],
    [
      "a duplicate validator",
      {
        validators: [set.validators[0], set.validators[0], set.validators[1]].map((k) => k ?? expect.fail()),
      },
      "KeysNotAscending",
    ],
    [
      "a zero key",
      { validators: [bytes.parse(ethers.ZeroHash) as never, ...set.validators], threshold: 3 },
      "KeysNotAscending",
    ],
    [
      "a key of small order",
      { validators: [`0x01${"00".repeat(31)}` as never, ...set.validators], threshold: 3 },
      "InvalidKey",
    ],
    ["an epoch other than 1", { epoch: 2n }, "InvalidEpoch"],
  ];
  for (const [what, change, error] of attempts)
    it(`refuses ${what}`, async () => {
      const { inbox, verifier } = await load();
      const factory = await ethers.getContractFactory("Inbox");
      await expect(factory.deploy(verifier, { ...set, ...change }, [])).to.be.revertedWithCustomError(
        inbox,
        error,
      );
    });

  it("takes 3 of 5", async () => {
    const { verifier } = await load();
    await ethers.deployContract("Inbox", [verifier, setOf(five, 3), []]);
  });

  it("refuses a verifier without code, and origins that are this chain, unset or listed twice", async () => {
    const { inbox, verifier } = await load();
    const factory = await ethers.getContractFactory("Inbox");
    await expect(factory.deploy(OUTBOX, set, [])).to.be.revertedWithCustomError(inbox, "VerifierWithoutCode");
    const origin = { chainId: ORIGIN, outbox: OUTBOX };
    for (const origins of [
      [{ ...origin, chainId: HERE }],
      [{ ...origin, outbox: ethers.ZeroAddress }],
      [origin, origin],
    ])
      await expect(factory.deploy(verifier, set, origins)).to.be.revertedWithCustomError(
        inbox,
        "InvalidOrigin",
      );
  });
});
