import { expect } from "chai";
import { encodeSet } from "../../../../relayer/domain/validator-set.ts";
import { bytes } from "../../../../relayer/domain/ids.ts";
import { type Ed25519Set, HERE, HOME, ORIGIN, OUTBOX, REGISTRY, setOf } from "../fixture.ts";
import { encodedSet, ethers, load, origins, set, setsWith, validators } from "./environment.ts";

const [first, second, third] = set.members;
if (first === undefined || second === undefined || third === undefined) throw new Error("no members");

describe("Inbox: what it is deployed with", () => {
  const attempts: [string, Partial<Ed25519Set>, string][] = [
    ["a threshold of 0, or unset (Ronin 2024, Kelp 2026)", { threshold: 0 }, "InvalidThreshold"],
    ["a threshold of 1 (Kelp 2026)", { threshold: 1 }, "InvalidThreshold"],
    ["a threshold of 1 of 1", { threshold: 1, members: [first] }, "InvalidThreshold"],
    ["a threshold of half", { members: setOf(validators.slice(0, 4), 2).members }, "InvalidThreshold"],
    ["a threshold above the number of validators", { threshold: 4 }, "InvalidThreshold"],
    ["no validators", { members: [] }, "InvalidThreshold"],
    ["a duplicate validator", { members: [first, first, second] }, "KeysNotAscending"],
    ["validators out of order", { members: [second, first, third] }, "KeysNotAscending"],
    [
      "a zero key",
      { members: [bytes.parse(ethers.ZeroHash) as never, ...set.members], threshold: 3 },
      "KeysNotAscending",
    ],
    [
      "a key of small order",
      { members: [`0x01${"00".repeat(31)}` as never, ...set.members], threshold: 3 },
      "InvalidKey",
    ],
    [
      "a key that is not canonical",
      { members: [...set.members, `0x${"ff".repeat(32)}` as never], threshold: 3 },
      "InvalidKey",
    ],
    ["an epoch of 0", { epoch: 0n }, "InvalidEpoch"],
    ["a set that has expired", { expiresAt: 1n }, "SetExpired"],
    ["an overlap beyond the bound", { overlap: 2 * 24 * 3600 + 1 }, "OverlapTooLong"],
  ];
  for (const [what, change, error] of attempts)
    it(`refuses ${what}`, async () => {
      const { inbox, deployInbox } = await load();
      await expect(deployInbox(encodeSet({ ...set, ...change }))).to.be.revertedWithCustomError(inbox, error);
    });

  it("takes 3 of 5, also where a key has no table, and begins with any epoch", async () => {
    const { deployInbox } = await load();
    const inbox = await deployInbox(encodeSet(setOf(validators, 3, { epoch: 7n })));
    expect(await inbox.currentEpoch()).to.equal(7n);
  });

  it("refuses origins that are this chain, unset, listed twice, or the registry of sets (Nomad: unset roots)", async () => {
    const { inbox, verifiers, governance } = await load();
    const factory = await ethers.getContractFactory("Inbox");
    const [origin] = origins;
    for (const wrong of [
      [{ chainId: HERE, outbox: OUTBOX }],
      [{ chainId: ORIGIN, outbox: ethers.ZeroAddress }],
      [{ chainId: HOME, outbox: REGISTRY }],
      [origin, origin],
    ])
      await expect(
        factory.deploy(verifiers, setsWith(encodedSet), wrong as never, governance, ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(inbox, "InvalidOrigin");
  });

  it("refuses a registry that is unset", async () => {
    const { inbox, verifiers, governance } = await load();
    const factory = await ethers.getContractFactory("Inbox");
    for (const [chainId, registry] of [
      [0, REGISTRY],
      [HOME, ethers.ZeroAddress],
    ] as const)
      await expect(
        factory.deploy(
          verifiers,
          { chainId, registry, first: encodedSet },
          origins,
          governance,
          ethers.ZeroAddress,
        ),
      ).to.be.revertedWithCustomError(inbox, "InvalidRegistry");
  });

  it("refuses verifiers and a governance without code (Wormhole 2022: a verifier that is replaced)", async () => {
    const { inbox, verifiers, governance } = await load();
    const factory = await ethers.getContractFactory("Inbox");
    const deployWith = (change: object, by: { getAddress(): Promise<string> } | string = governance) =>
      factory.deploy({ ...verifiers, ...change }, setsWith(encodedSet), origins, by, ethers.ZeroAddress);
    for (const name of ["keys", "batch", "single", "bls"] as const)
      await expect(deployWith({ [name]: OUTBOX }))
        .to.be.revertedWithCustomError(inbox, "VerifierWithoutCode")
        .withArgs(OUTBOX);
    for (const name of ["keys", "batch", "single"] as const)
      await expect(deployWith({ [name]: ethers.ZeroAddress })).to.be.revertedWithCustomError(
        inbox,
        "VerifierWithoutCode",
      );
    await expect(deployWith({}, OUTBOX)).to.be.revertedWithCustomError(inbox, "GovernanceWithoutCode");
    // There is nothing that replaces a verifier afterwards.
    const names = inbox.interface.fragments.map((fragment) => fragment.format("minimal"));
    expect(names.filter((name) => /function.*verif/i.test(name))).to.deep.equal([
      "function verifiers() view returns ((address,address,address,address))",
    ]);
  });
});
