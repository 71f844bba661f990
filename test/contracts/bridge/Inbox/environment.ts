import { network } from "hardhat";
import { encodeSet } from "../../../../relayer/domain/validator-set.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import {
  deployGovernance,
  deployVerifiers,
  HOME,
  ORIGIN,
  OUTBOX,
  REGISTRY,
  setOf,
  TestLane,
  testValidators,
} from "../fixture.ts";

const connection = await network.create();
export const { ethers, networkHelpers } = connection;
type Ethers = typeof ethers;
const deploy = () => deployInboxWorld(ethers);
export const validators = testValidators(5);
/** 2 of the first 3. */
export const set = setOf(validators.slice(0, 3), 2);
/** {@link set} as contracts take it. */
export const encodedSet = encodeSet(set);
export const origins = [{ chainId: ORIGIN, outbox: OUTBOX }];
export const setsWith = (first: ReturnType<typeof encodeSet>) => ({
  chainId: HOME,
  registry: REGISTRY,
  first,
});

/** An Inbox and recipients of both kinds. */
export async function deployInboxWorld(ethers: Ethers) {
  // The last of them has no table.
  const { keySets, ...verifiers } = await deployVerifiers(ethers, validators.slice(0, 4));
  const governance = await deployGovernance(ethers);
  const [, guardian] = await ethers.getSigners();
  if (guardian === undefined) throw new Error("no account");
  const deployInbox = async (first: ReturnType<typeof encodeSet>) =>
    ethers.deployContract("Inbox", [verifiers, setsWith(first), origins, governance, guardian.address]);
  const inbox = await deployInbox(encodedSet);
  const counter = await ethers.deployContract("CountingReceiver");
  const rogue = await ethers.deployContract("MisbehavingReceiver");
  return { verifiers, keySets, governance, guardian, deployInbox, inbox, counter, rogue };
}

/** {@link deployInboxWorld}, and the origin side of a lane to its Inbox. */
export async function load() {
  const contracts = await networkHelpers.loadFixture(deploy);
  const inboxAddress = address.parse(await contracts.inbox.getAddress());
  return { ...contracts, inboxAddress, lane: new TestLane(inboxAddress, validators, set) };
}

/** Calls as governance, whatever its delay. */
export async function asGovernance(governance: { getAddress(): Promise<string> }) {
  const account = await governance.getAddress();
  await networkHelpers.setBalance(account, 10n ** 18n);
  return ethers.getImpersonatedSigner(account);
}
