/*
deployment
├── when the token, the Inbox, the wrapper or governance has no code: refused
├── when the token has fewer decimals than are shared, or more than 77 more, or does not say: refused
├── when a link's counterpart is no canonical EVM address, its chain id is huge, or two links name a chain: refused
├── when a limit has no window: refused
└── otherwise: tells its configuration in events and views
*/
import { expect } from "chai";
import {
  CAPACITY,
  COUNTERPART,
  deployBridged,
  deployMinting,
  ethers,
  limits,
  onChain,
  SCALE,
  SHARED,
  THERE,
  THRESHOLD,
  WINDOW,
  world,
} from "./fixture.ts";

const CODELESS = "0x00000000000000000000000000000000000000C0";

describe("TokenBridge: deployment", () => {
  for (const name of ["LockingTokenBridge", "MintingTokenBridge", "NativeTokenBridge"] as const)
    it(`refuses a ${name} of a token, an Inbox or a governance without code`, async () => {
      const w = await world();
      const { locking, config, links } = w;
      const factory = await ethers.getContractFactory(name);
      await expect(factory.deploy(CODELESS, config, links))
        .to.be.revertedWithCustomError(locking, "AddressWithoutCode")
        .withArgs(CODELESS);
      await expect(factory.deploy(w.wrapped, { ...config, inbox: CODELESS }, links))
        .to.be.revertedWithCustomError(locking, "AddressWithoutCode")
        .withArgs(CODELESS);
      await expect(factory.deploy(w.wrapped, { ...config, governance: w.owner }, links))
        .to.be.revertedWithCustomError(locking, "GovernanceWithoutCode")
        .withArgs(w.owner.address);
    });

  it("refuses a token with fewer decimals than are shared", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("MintingTokenBridge");
    await expect(factory.deploy(w.bridged, { ...w.config, sharedDecimals: 19n }, w.links))
      .to.be.revertedWithCustomError(factory, "DecimalsOutOfRange")
      .withArgs(18n, 19n);
  });

  it("refuses a token whose scale does not fit into a word", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("MintingTokenBridge");
    const bridged = await deployBridged(w.owner, 78n);
    await expect(factory.deploy(bridged, { ...w.config, sharedDecimals: 0n }, w.links))
      .to.be.revertedWithCustomError(factory, "DecimalsOutOfRange")
      .withArgs(78n, 0n);
    const { minting } = await deployMinting(w, 77n, { sharedDecimals: 0n });
    expect(await minting.SCALE()).to.equal(10n ** 77n);
  });

  it("refuses a token that does not say its decimals", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("LockingTokenBridge");
    await expect(factory.deploy(w.gateway, w.config, w.links)).to.revert(ethers);
  });

  const counterpart = onChain(THERE, COUNTERPART);
  const counterparts: [string, string][] = [
    ["zero", onChain(THERE, ethers.ZeroAddress)],
    ["without address", `${counterpart.slice(0, -42)}00`],
    ["with a byte after it", `${counterpart}00`],
    ["with leading zeros in its chain", `0x0001000003001e6114${COUNTERPART.slice(2)}`],
    ["of a chain id above 64 bits", `0x0001000009${"01".repeat(9)}14${COUNTERPART.slice(2)}`],
    ["of another kind of chain", `0x00010002021e6114${COUNTERPART.slice(2)}`],
  ];
  for (const [what, bytes] of counterparts)
    it(`refuses a counterpart ${what}`, async () => {
      const w = await world();
      const factory = await ethers.getContractFactory("MintingTokenBridge");
      await expect(factory.deploy(w.bridged, w.config, [{ gateway: w.gateway, counterpart: bytes }]))
        .to.be.revertedWithCustomError(factory, "InvalidCounterpart")
        .withArgs(bytes.toLowerCase());
    });

  it("refuses two links to one chain, and a gateway without code", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("MintingTokenBridge");
    const [link] = w.links;
    await expect(factory.deploy(w.bridged, w.config, link ? [link, link] : [])).to.be.revertedWithCustomError(
      factory,
      "LinkAlreadyRegistered",
    );
    await expect(factory.deploy(w.bridged, w.config, [{ gateway: CODELESS, counterpart }])).to.revert(ethers);
  });

  it("refuses a limit without a window", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("MintingTokenBridge");
    for (const which of ["outgoing", "outgoingLane", "incoming", "incomingLane"] as const) {
      const bad = { ...limits(), [which]: { capacity: 1n, window: 0n } };
      await expect(
        factory.deploy(w.bridged, { ...w.config, limits: bad }, w.links),
      ).to.be.revertedWithCustomError(factory, "ZeroWindow");
    }
  });

  it("tells its configuration", async () => {
    const w = await world();
    for (const bridge of [w.locking, w.minting, w.native]) {
      expect(await bridge.INBOX()).to.equal(await w.gateway.getAddress());
      expect(await bridge.GOVERNANCE()).to.equal(w.governance.address);
      expect(await bridge.guardian()).to.equal(w.guardian.address);
      expect(await bridge.SHARED_DECIMALS()).to.equal(SHARED);
      expect(await bridge.SCALE()).to.equal(SCALE);
      expect(await bridge.delayThreshold()).to.equal(THRESHOLD);
      expect((await bridge.limits()).incomingLane).to.deep.equal([CAPACITY, WINDOW]);
      expect(await bridge.available(THERE)).to.deep.equal([CAPACITY, CAPACITY]);
      const events = await bridge.queryFilter(bridge.filters.LimitsSet);
      expect(events).to.have.length(1);
    }
    expect(await w.locking.token()).to.equal(await w.token.getAddress());
    expect(await w.minting.token()).to.equal(await w.bridged.getAddress());
    expect(await w.native.token()).to.equal(await w.wrapped.getAddress());
  });

  it("lets only the bridge mint and burn a bridged token", async () => {
    const w = await world();
    for (const act of [w.bridged.crosschainMint(w.owner, 1n), w.bridged.crosschainBurn(w.owner, 1n)])
      await expect(act)
        .to.be.revertedWithCustomError(w.bridged, "NotTheBridge")
        .withArgs(w.owner.address, await w.minting.getAddress());
  });
});
