import { BATCH, body, type Figures, gasOf, REMOTE, send, signByTwo, type World } from "./world.ts";

const CHAIN = "origin";

/**
 * Axelar: the Amplifier gateway behind its proxy, with three signers of weight one and a threshold of two. Delivering takes two
 * transactions: the approval of a message, or of several, and the execution of each by its recipient.
 */
export async function measureAxelar(world: World): Promise<Figures> {
  const { ethers, batch } = world;
  const { gateway, domain, set } = await deployGateway(world);
  const receiver = await ethers.deployContract("AxelarReceiver", [await gateway.getAddress()]);
  const to = await receiver.getAddress();

  const callContract = (i: number) => send(gateway, "callContract", CHAIN, to, body(world, i));
  await gasOf(callContract(1));
  const sent = await gasOf(callContract(2));

  let count = 0;
  const next = () => {
    const payload = body(world, count);
    const messageId = `${ethers.id(`transaction ${count++}`)}-0`;
    const commandId = ethers.solidityPackedKeccak256(["string"], [`${CHAIN}_${messageId}`]);
    const message = [CHAIN, messageId, REMOTE.sender, to, ethers.keccak256(payload)] as const;
    return { message, execution: [commandId, CHAIN, REMOTE.sender, payload] as const };
  };
  const approve = (messages: readonly (readonly string[])[]) =>
    send(gateway, "approveMessages", messages, proofOf(world, domain, set, messages));
  const deliver = async () => {
    const { message, execution } = next();
    return {
      approval: await gasOf(approve([message])),
      execution: await gasOf(send(receiver, "execute", ...execution)),
    };
  };
  await deliver();
  const one = await deliver();

  const all = Array.from({ length: BATCH }, next);
  const approval = await gasOf(approve(all.map(({ message }) => message)));
  const calls = all.map(({ execution }) => receiver.interface.encodeFunctionData("execute", execution));
  const executions = await gasOf(send(batch, "run", to, calls));
  return {
    "axelar.send": sent,
    "axelar.approve1": one.approval,
    "axelar.execute1": one.execution,
    "axelar.deliver1": one.approval + one.execution,
    "axelar.deliverBatch10Each": Math.ceil((approval + executions) / BATCH),
  };
}

const SIGNERS = "tuple(tuple(address signer, uint128 weight)[] signers, uint128 threshold, bytes32 nonce)";
const MESSAGE =
  "tuple(string sourceChain, string messageId, string sourceAddress, address contractAddress, bytes32 payloadHash)";

async function deployGateway({ ethers, account, signers }: World) {
  const abi = ethers.AbiCoder.defaultAbiCoder();
  const set = [signers.map(({ address }) => [address, 1]), 2, ethers.ZeroHash];
  const domain = ethers.id("domain");
  const code = await ethers.deployContract("AxelarAmplifierGateway", [15, domain, 0]);
  const setup = abi.encode(["address", `${SIGNERS}[]`], [account.address, [set]]);
  const proxy = await ethers.deployContract("AxelarAmplifierGatewayProxy", [
    await code.getAddress(),
    account.address,
    setup,
  ]);
  return { gateway: code.attach(await proxy.getAddress()), domain, set };
}

function proofOf(
  world: World,
  domain: string,
  set: readonly unknown[],
  messages: readonly (readonly string[])[],
) {
  const { ethers } = world;
  const abi = ethers.AbiCoder.defaultAbiCoder();
  const signersHash = ethers.keccak256(abi.encode([SIGNERS], [set]));
  const dataHash = ethers.keccak256(abi.encode(["uint8", `${MESSAGE}[]`], [0, messages])); // 0: approve messages
  const signed = ethers.concat([
    ethers.toUtf8Bytes("\x19Ethereum Signed Message:\n96"),
    domain,
    signersHash,
    dataHash,
  ]);
  return [set, signByTwo(world, ethers.keccak256(signed))];
}
