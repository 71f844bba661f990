import { type ContractTransactionReceipt, JsonRpcProvider } from "ethers";
import { network } from "hardhat";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { address, chainId, type ChainId, chainName } from "../../../../relayer/domain/ids.ts";
import { InboxReader } from "../../../../relayer/bridge/adapters/destination.ts";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { type Deployment, deployBridge } from "../../../../scripts/local/deploy/index.ts";
import type { ValidatorRegistry } from "../../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { BridgedToken__factory } from "../../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { LockingTokenBridge__factory } from "../../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Slashing__factory } from "../../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { MisbehavingReceiver__factory } from "../../../../types/ethers-contracts/factories/mocks/MisbehavingReceiver__factory.ts";
import { testValidators } from "../fixture.ts";

/** How many keys there are; the first three are members of the first set, the others may join. */
const KEYS = 6;
const FIRST_MEMBERS = 3;

/** One of the two chains: a node of its own, and what is deployed there. */
export type Side = Awaited<ReturnType<typeof openSide>>;

/** Two chains with everything that `npm start` deploys, each on a node of its own. */
export async function openChains() {
  const nodes = await Promise.all([openNode(chainId.parse(31_337)), openNode(chainId.parse(31_338))]);
  const [home, away] = nodes;
  const keys = testValidators(KEYS).map(({ secretKey }) => new LocalSigningKey(secretKey));
  const [holder] = await home.provider.listAccounts();
  const wallet = address.parse(holder?.address);
  const { sides, validators } = await deployBridge(home, away, {
    validators: await Promise.all(
      keys
        .slice(0, FIRST_MEMBERS)
        .map(async (key, i) => ({ key, operator: await home.provider.getSigner(1 + i) })),
    ),
    thresholdBps: 6_666,
    wallet,
    senders: [],
  });
  const registry = ValidatorRegistry__factory.connect(validators.registry, await home.provider.getSigner(0));
  await admitOthers(home.provider, registry);
  return {
    home: await openSide(home, away.chainId, sides[0]),
    away: await openSide(away, home.chainId, sides[1]),
    registry,
    slashing: Slashing__factory.connect(validators.slashing, await home.provider.getSigner(0)),
    keys,
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

export type Chains = Awaited<ReturnType<typeof openChains>>;

type Node = { chainId: ChainId; url: string; provider: JsonRpcProvider; close: () => Promise<void> };

/** Governance admits the operators of the validators that are not members of the first set. */
async function admitOthers(provider: JsonRpcProvider, registry: ValidatorRegistry): Promise<void> {
  const governance = await registry.GOVERNANCE();
  await provider.send("hardhat_impersonateAccount", [governance]);
  await provider.send("hardhat_setBalance", [governance, "0xde0b6b3a7640000"]);
  const accounts = await provider.listAccounts();
  for (const operator of accounts.slice(1 + FIRST_MEMBERS, 1 + KEYS)) {
    const data = registry.interface.encodeFunctionData("setOperator", [operator.address, 1]);
    const call = { from: governance, to: await registry.getAddress(), data };
    await provider.send("eth_sendTransaction", [call]);
  }
}

async function openNode(id: ChainId): Promise<Node> {
  const server = await network.createServer({ override: { chainId: id } });
  const { address: host, port } = await server.listen();
  const url = `http://${host}:${port}`;
  const provider = new JsonRpcProvider(url, id, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 10,
  });
  return {
    chainId: id,
    url,
    provider,
    close: async () => {
      provider.destroy();
      await server.close();
    },
  };
}

async function openSide({ chainId: id, url, provider }: Node, other: ChainId, deployment: Deployment) {
  const signer = await provider.getSigner(0);
  const receiver = await new MisbehavingReceiver__factory(signer).deploy();
  await receiver.waitForDeployment();
  const bridge = LockingTokenBridge__factory.connect(deployment.bridge, signer);
  const token = BridgedToken__factory.connect(deployment.token, signer);
  const rpc = new Rpc({
    name: chainName.parse("X"),
    chainId: id,
    rpcUrl: url,
    finality: { depth: 0 },
    pollMilliseconds: 10,
    rpcTimeoutMilliseconds: 10_000,
    outbox: deployment.outbox,
    inbox: deployment.inbox,
    deploymentBlock: 0,
    senderKeyFile: "none",
  });
  return {
    chainId: id,
    provider,
    // The relayers' own eyes.
    origin: new OutboxReader(rpc, [other]),
    destination: new InboxReader(rpc),
    deployment,
    holder: address.parse(await signer.getAddress()),
    outbox: Outbox__factory.connect(deployment.outbox, signer),
    inbox: Inbox__factory.connect(deployment.inbox, signer),
    bridge,
    token,
    receiver,
  };
}

/** Moves the clocks of both chains on, together. */
export async function pass(sides: readonly Side[], seconds: number): Promise<void> {
  const blocks = await Promise.all(sides.map(({ provider }) => provider.getBlock("latest")));
  const now = Math.max(...blocks.map((block) => block?.timestamp ?? 0));
  for (const { provider } of sides) {
    await provider.send("evm_setNextBlockTimestamp", [`0x${(now + seconds).toString(16)}`]);
    await provider.send("evm_mine", []);
  }
}

/** Sends a call and waits until a block holds it; undefined when the contract refuses it. */
export async function attempt(
  sending: () => Promise<{ wait(): Promise<ContractTransactionReceipt | null> }>,
): Promise<ContractTransactionReceipt | undefined> {
  try {
    return (await (await sending()).wait()) ?? undefined;
  } catch (error) {
    // A refusal is a possible answer in a random history; whether the state is right is asked after every step.
    // The node runs a transaction before it takes it, and says which refusal it met.
    if (error instanceof Error && /reverted|execution failed/i.test(error.message)) return undefined;
    throw error;
  }
}
