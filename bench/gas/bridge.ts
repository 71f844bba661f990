import { network } from "hardhat";
import { AbiCoder, type ContractTransactionResponse, getCreateAddress } from "ethers";
import { digestOf } from "../../relayer/domain/attestation.ts";
import { encodeSet } from "../../relayer/domain/validator-set.ts";
import type { ValidatorSet } from "../../relayer/domain/bridge.ts";
import { address, chainId } from "../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../relayer/domain/interoperable-address.ts";
import {
  deployGovernance,
  deployVerifiers,
  HOME,
  ORIGIN,
  OUTBOX,
  quorumOf,
  REGISTRY,
  rotationTo,
  setOf,
  TestAggregate,
  TestLane,
  testValidators,
} from "../../test/contracts/bridge/fixture.ts";

/**
 * Gas of the bridge: `gasUsed` of whole transactions on a local osaka node. Each lane has carried a message before; the
 * body has 64 random-looking bytes, the receiver does nothing. 2 of 3 sign with Ed25519 unless the key says otherwise. For a
 * batch, the transaction's gas divided by its messages.
 */

type Figures = Record<string, number>;
type World = Awaited<ReturnType<typeof setUp>>;
type Signs = (set: ValidatorSet, statement: ReturnType<TestLane["statement"]>) => ReturnType<typeof quorumOf>;

const abi = AbiCoder.defaultAbiCoder();
const AMOUNT = 12_345n * 10n ** 15n;
/** The token's bridge on the other chain. */
const COUNTERPART = address.parse("0x00000000000000000000000000000000000000C1");

/** Members of the large sets, and how many of them sign. */
const LARGE = 19;
const THIRTEEN = Array.from({ length: 13 }, (_, i) => i);

/** Measures everything. */
export async function bridgeGas(): Promise<Figures> {
  const world = await setUp();
  return {
    "bridge.send": await measureSend(world),
    ...(await measureDeliveries(world)),
    "bridge.tokenBatch10Each": await measureTokens(world),
    "bridge.bls13Batch10Each": await measureAggregate(world),
    "bridge.rotate19BeyondQuorum": await measureRotation(world),
  };
}

async function setUp() {
  const { ethers } = await network.create();
  const validators = testValidators(LARGE);
  const { keySets, ...verifiers } = await deployVerifiers(ethers, validators);
  const governance = await deployGovernance(ethers);
  const receiver = await (await ethers.deployContract("IdleReceiver")).getAddress();
  const [account] = await ethers.getSigners();
  if (account === undefined) throw new Error("the network has no accounts");
  const deployInbox = (first: ValidatorSet) =>
    ethers.deployContract("Inbox", [
      verifiers,
      { chainId: HOME, registry: REGISTRY, first: encodeSet(first) },
      [{ chainId: ORIGIN, outbox: OUTBOX }],
      governance,
      account.address,
    ]);
  return { ethers, validators, verifiers, keySets, governance, receiver, account, deployInbox };
}

const body = (ethers: World["ethers"], i: number) =>
  ethers.concat([ethers.id(`first half ${i}`), ethers.id(`second half ${i}`)]);

async function gasOf(sending: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await sending).wait();
  if (receipt?.status !== 1) throw new Error("the transaction failed");
  return Number(receipt.gasUsed);
}

async function measureSend({ ethers, governance, account }: World): Promise<number> {
  const outbox = await ethers.deployContract("Outbox", [governance, account.address]);
  const to = interoperableAddress(chainId.parse(4_242), address.parse(OUTBOX));
  await outbox.sendMessage(to, body(ethers, 1), []);
  return gasOf(outbox.sendMessage(to, body(ethers, 2), []));
}

/** Gas a message of batches of these sizes, one after the other on one lane. */
async function measureBatches(
  { ethers, validators, receiver, deployInbox }: World,
  set: ValidatorSet,
  sign: Signs,
  sizes: readonly number[],
): Promise<number[]> {
  const inbox = await deployInbox(set);
  const lane = new TestLane(address.parse(await inbox.getAddress()), validators, set);
  const measured: number[] = [];
  for (const size of [1, ...sizes]) {
    const first = lane.messages.length;
    for (let i = 0; i < size; i++)
      lane.send(receiver, { payload: body(ethers, first + i), gasLimit: 30_000n });
    const batch = lane.messages.slice(first);
    const gas = await gasOf(
      inbox.deliver(ORIGIN, first + 1, batch, [], sign(set, lane.statement()), { gasLimit: 2n ** 24n }),
    );
    measured.push(Math.ceil(gas / size));
  }
  return measured.slice(1);
}

async function measureDeliveries(world: World): Promise<Figures> {
  const three = world.validators.slice(0, 3);
  const sign: Signs = (set, statement) => quorumOf(set, three, [0, 2], statement);
  const [one = NaN, ten = NaN, hundred = NaN] = await measureBatches(
    world,
    setOf(three, 2),
    sign,
    [1, 10, 100],
  );
  return {
    "bridge.deliver1": one,
    "bridge.deliverBatch10Each": ten,
    "bridge.deliverBatch100Each": hundred,
  };
}

/** Mints by a batch of ten, to ten holders who have some already; every transfer within the limits, none delayed. */
async function measureTokens({
  ethers,
  validators,
  governance,
  account,
  deployInbox,
}: World): Promise<number> {
  const three = validators.slice(0, 3);
  const set = setOf(three, 2);
  const inbox = await deployInbox(set);
  const here = address.parse(await inbox.getAddress());
  const outbox = await ethers.deployContract("Outbox", [governance, account.address]);
  const bridgeAt = getCreateAddress({ from: account.address, nonce: (await account.getNonce()) + 1 });
  const token = await ethers.deployContract("BridgedToken", ["Demo", "DEMO", 18, bridgeAt]);
  const limit = { capacity: AMOUNT * 1_000n, window: 3_600 };
  const limits = { outgoing: limit, outgoingLane: limit, incoming: limit, incomingLane: limit };
  const delayThreshold = AMOUNT * 10n;
  const common = { inbox: here, governance, guardian: account.address };
  const config = { ...common, sharedDecimals: 18, delayThreshold, limits };
  const links = [
    { gateway: await outbox.getAddress(), counterpart: interoperableAddress(ORIGIN, COUNTERPART) },
  ];
  const bridge = await ethers.deployContract("MintingTokenBridge", [token, config, links]);

  const holders = (await ethers.getSigners()).slice(0, 10).map((holder) => holder.address);
  const lane = new TestLane(here, three, set);
  const from = interoperableAddress(ORIGIN, address.parse(account.address));
  let gas = NaN;
  for (const nonce of [1, 11]) {
    for (const holder of holders) {
      const payload = abi.encode(["bytes", "bytes", "uint256"], [from, holder, AMOUNT]);
      lane.send(await bridge.getAddress(), { payload, gasLimit: 200_000n, sender: COUNTERPART });
    }
    const batch = lane.messages.slice(nonce - 1);
    gas = await gasOf(inbox.deliver(ORIGIN, nonce, batch, [], lane.attest([0, 2]), { gasLimit: 2n ** 24n }));
  }
  for (const holder of holders)
    if ((await token.balanceOf(holder)) !== 2n * AMOUNT) throw new Error("a transfer was not minted");
  return Math.ceil(gas / holders.length);
}

async function measureAggregate(world: World): Promise<number> {
  const members = new TestAggregate(LARGE);
  const set = await members.createSet(world, THIRTEEN.length);
  const sign: Signs = (by, statement) => members.quorumOf(by, THIRTEEN, statement);
  const [ten = NaN] = await measureBatches(world, set, sign, [10]);
  return ten;
}

/** The whole transaction but for the verifier's own work; what the signatures cost as calldata counts. */
async function measureRotation({ ethers, validators, verifiers, deployInbox }: World): Promise<number> {
  const first = setOf(validators, THIRTEEN.length);
  const second = setOf(validators, THIRTEEN.length, { epoch: 2n });
  const third = setOf(validators, THIRTEEN.length, { epoch: 3n });
  const inbox = await deployInbox(first);
  const here = await inbox.getAddress();
  const wordOf = (set: ValidatorSet, next: ValidatorSet) =>
    quorumOf(set, validators, THIRTEEN, rotationTo(next, here));
  await inbox.rotate(encodeSet(second), wordOf(first, second));
  const quorum = wordOf(second, third);
  const rotation = await gasOf(inbox.rotate(encodeSet(third), quorum));
  const digest = digestOf({ ...rotationTo(third, here), epoch: second.epoch });
  return rotation - (await gasOfCheck(ethers, verifiers.batch, validators, digest, quorum.signature));
}

async function gasOfCheck(
  ethers: World["ethers"],
  batch: { getAddress(): Promise<string> },
  validators: World["validators"],
  digest: string,
  signature: string,
): Promise<number> {
  const verifier = await ethers.getContractAt("IEd25519BatchVerifier", await batch.getAddress());
  const keys = ethers.concat(THIRTEEN.map((i) => validators[i]?.publicKey ?? "0x"));
  const { data, to } = await verifier.verifyAll.populateTransaction(digest, keys, signature);
  if (!(await verifier.verifyAll(digest, keys, signature))) throw new Error("the quorum is not valid");
  const [sender] = await ethers.getSigners();
  const receipt = await (await sender?.sendTransaction({ to, data, gasLimit: 2n ** 24n }))?.wait();
  const calldata = ethers.getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  return Number(receipt?.gasUsed) - 21_000 - calldata;
}
