import { network } from "hardhat";
import type { ContractTransactionResponse } from "ethers";
import { Escrow__factory } from "../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { AuthorizationToken__factory } from "../../types/ethers-contracts/factories/mocks/AuthorizationToken__factory.ts";
import { DemoToken__factory } from "../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { escrowId, packTerms, sortPayees } from "../../relayer/escrow/core/terms.ts";
import { type Hex, Silence, type Terms, ZERO_ADDRESS } from "../../relayer/escrow/core/types.ts";

/**
 * Gas of each escrow operation: `tx.gasUsed` of one transaction that does nothing else, on a local osaka node.
 * Balances are warm, which is to say that whoever is paid, and the escrow contract, hold some of the token already.
 * The token is OpenZeppelin's ERC20Permit; the allowance is finite and stays above zero, the dearest case. Salt and
 * metadata digest are 32 random-looking bytes each. The batch pays twenty sales of one seller; see docs/escrow/gas.md.
 */

const DAY = 86_400n;
const START = 2_000_000_000n;
const AMOUNT = 100n * 10n ** 18n;
const SUPPLY = 10n ** 30n;

type Figures = Record<string, number>;

async function setUp() {
  const connection = await network.create();
  const { ethers, networkHelpers } = connection;
  const [buyer, seller, arbiter, keeper, ...others] = await ethers.getSigners();
  if (buyer === undefined || seller === undefined || arbiter === undefined || keeper === undefined)
    throw new Error("the network has no accounts");
  const escrow = await new Escrow__factory(buyer).deploy();
  const token = await new DemoToken__factory(buyer).deploy("Demo", "DEMO", SUPPLY);
  const authorizationToken = await new AuthorizationToken__factory(buyer).deploy(SUPPLY);
  const escrowAddress = await escrow.getAddress();
  for (const erc20 of [token, authorizationToken]) {
    for (const holder of [seller, arbiter, keeper, ...others, escrowAddress])
      await erc20.transfer(holder, AMOUNT);
    await erc20.approve(escrow, SUPPLY / 2n);
  }
  await networkHelpers.setBalance(escrowAddress, AMOUNT);
  const { chainId } = await ethers.provider.getNetwork();
  return {
    connection,
    networkHelpers,
    ethers,
    buyer,
    seller,
    arbiter,
    keeper,
    others,
    escrow,
    token: await token.getAddress(),
    authorizationToken,
    deployment: { chainId, escrow: escrowAddress },
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** Terms with a seller and further payees; every call gives another salt. */
function termsMaker(world: World, start: bigint) {
  let count = 0;
  return (shares: readonly bigint[], token: Hex = world.token): Terms => {
    count += 1;
    const payees = shares.map((share, i) => ({
      account: i === 0 ? world.seller.address : (world.others[i]?.address ?? ""),
      share,
    }));
    return {
      buyer: world.buyer.address,
      token,
      arbiter: world.arbiter.address,
      amount: AMOUNT,
      rules: {
        deliverBy: start + 30n * DAY,
        reviewFor: 7n * DAY,
        arbiterBy: start + 60n * DAY,
        defaultSplit: 5_000n,
        tip: 0n,
        onSilence: Silence.PaysSeller,
        salt: BigInt(world.ethers.id(`salt ${count}`)) & ((1n << 96n) - 1n),
      },
      metadata: world.ethers.id(`metadata ${count}`),
      milestones: [],
      payees: sortPayees(payees),
    };
  };
}

/** Equal shares but for the last. */
function equalShares(count: number): bigint[] {
  return new Array<bigint>(count).fill(10_000n / BigInt(count));
}

async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("not mined");
  return Number(receipt.gasUsed);
}

/** Creates, has delivered, and releases. */
async function createAndRelease(world: World, terms: Terms): Promise<{ create: number; release: number }> {
  const { escrow, seller } = world;
  const packed = packTerms(terms);
  const value = terms.token === ZERO_ADDRESS ? terms.amount : 0n;
  const create = await gasOf(escrow.create(packed, { value }));
  await escrow.connect(seller).deliver(packed);
  return { create, release: await gasOf(escrow.release(packed)) };
}

async function measurePayments(world: World, make: ReturnType<typeof termsMaker>): Promise<Figures> {
  const one = await createAndRelease(world, make([10_000n]));
  const fee = await createAndRelease(world, make([9_900n, 100n]));
  const five = await createAndRelease(world, make(equalShares(5)));
  const ten = await createAndRelease(world, make(equalShares(10)));
  const native = await createAndRelease(world, make([10_000n], ZERO_ADDRESS));
  return {
    "escrow.create": one.create,
    "escrow.release": one.release,
    "escrow.releaseWithFee": fee.release,
    "escrow.create5Payees": five.create,
    "escrow.release5Payees": five.release,
    "escrow.create10Payees": ten.create,
    "escrow.release10Payees": ten.release,
    "escrow.createNative": native.create,
    "escrow.releaseNative": native.release,
  };
}

async function measureParts(world: World, make: ReturnType<typeof termsMaker>): Promise<Figures> {
  const { escrow, seller, arbiter } = world;
  const delivered = async () => {
    const terms = packTerms(make([10_000n]));
    await escrow.create(terms);
    await escrow.connect(seller).deliver(terms);
    return terms;
  };
  const parts = await delivered();
  const disputed = await delivered();
  return {
    "escrow.releasePartial": await gasOf(escrow.releasePartial(parts, AMOUNT / 4n)),
    "escrow.refundPartial": await gasOf(escrow.connect(seller).refundPartial(parts, AMOUNT / 4n)),
    "escrow.dispute": await gasOf(escrow.fileDispute(disputed)),
    "escrow.resolve": await gasOf(escrow.connect(arbiter).resolve(disputed, AMOUNT / 4n)),
  };
}

async function measureGasless(world: World, make: ReturnType<typeof termsMaker>): Promise<Figures> {
  const { authorizationToken, buyer, deployment, escrow, keeper } = world;
  const tokenAddress = await authorizationToken.getAddress();
  const terms = make([10_000n], tokenAddress);
  const validBefore = terms.rules.deliverBy;
  const signature = await buyer.signTypedData(
    { name: "Authorization", version: "1", chainId: deployment.chainId, verifyingContract: tokenAddress },
    {
      ReceiveWithAuthorization: [
        { name: "from", type: "address" },
        { name: "to", type: "address" },
        { name: "value", type: "uint256" },
        { name: "validAfter", type: "uint256" },
        { name: "validBefore", type: "uint256" },
        { name: "nonce", type: "bytes32" },
      ],
    },
    {
      from: terms.buyer,
      to: deployment.escrow,
      value: AMOUNT,
      validAfter: 0n,
      validBefore,
      nonce: escrowId(terms, deployment),
    },
  );
  const sent = escrow.connect(keeper).createWithAuthorization(packTerms(terms), 0n, validBefore, signature);
  return { "escrow.createGasless3009": await gasOf(sent) };
}

async function measureTimeouts(world: World, make: ReturnType<typeof termsMaker>): Promise<Figures> {
  const { escrow, keeper, networkHelpers, seller } = world;
  const all = Array.from({ length: 21 }, () => packTerms(make([10_000n])));
  for (const terms of all) {
    await escrow.create(terms);
    await escrow.connect(seller).deliver(terms);
  }
  await networkHelpers.time.increase(8n * DAY);
  const [first, ...batch] = all;
  if (first === undefined) throw new Error("nothing to expire");
  return {
    "escrow.expire": await gasOf(escrow.connect(keeper).expire(first)),
    "escrow.expireBatch20Each": Math.ceil(
      (await gasOf(escrow.connect(keeper).processExpirations(batch))) / batch.length,
    ),
  };
}

/** The figures `escrow.*`, in gas. */
export async function escrowGas(): Promise<Figures> {
  const world = await setUp();
  try {
    // A fixed time: the number of zero bytes in the calldata, and so the gas, depends on it.
    await world.networkHelpers.time.increaseTo(START);
    const make = termsMaker(world, START);
    return {
      ...(await measurePayments(world, make)),
      ...(await measureParts(world, make)),
      ...(await measureGasless(world, make)),
      ...(await measureTimeouts(world, make)),
    };
  } finally {
    await world.connection.close();
  }
}
