import { network } from "hardhat";
import { ORIGIN, OUTBOX, setOf, TestLane, testValidators } from "../fixture.ts";

export const { ethers, networkHelpers } = await network.create();
export const validators = testValidators(3);
/** 2 of 3. */
export const set = setOf(validators, 2);
async function deploy() {
  const verifier = await ethers.deployContract("Ed25519Verifier");
  const inbox = await ethers.deployContract("Inbox", [verifier, set, [{ chainId: ORIGIN, outbox: OUTBOX }]]);
  const counter = await ethers.deployContract("CountingReceiver");
  const rogue = await ethers.deployContract("MisbehavingReceiver");
  return { verifier, inbox, counter, rogue };
}

/** An Inbox, recipients of both kinds, and the origin side of a lane to it. */
export async function load() {
  const contracts = await networkHelpers.loadFixture(deploy);
  return { ...contracts, lane: new TestLane(await contracts.inbox.getAddress(), validators) };
}
