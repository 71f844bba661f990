import { BATCH, body, type Figures, gasOf, REMOTE, send, signByTwo, type World } from "./world.ts";

const VERSION = 3;
const LOCAL = 31_337;

/**
 * Hyperlane: a Mailbox whose default security module wants two of three signatures of a message's id. A message is sent through the
 * Merkle tree that validators sign, without a fee.
 */
export async function measureHyperlane(world: World): Promise<Figures> {
  const { ethers, account, batch } = world;
  const hook = await ethers.deployContract("HyperlaneIdleHook");
  const mailbox = await ethers.deployContract("HyperlaneMailbox", [LOCAL]);
  const tree = await ethers.deployContract("HyperlaneTree", [await mailbox.getAddress()]);
  const ism = await deployModule(world);
  await send(mailbox, "initialize", account.address, ism, await hook.getAddress(), await tree.getAddress());
  const receiver = await (await ethers.deployContract("HyperlaneReceiver")).getAddress();
  const to = ethers.zeroPadValue(receiver, 32);

  const dispatch = (i: number) =>
    send(mailbox, "dispatch(uint32,bytes32,bytes)", REMOTE.chain, to, body(world, i));
  await gasOf(dispatch(1));
  const sent = await gasOf(dispatch(2));

  let nonce = 0;
  const next = () => {
    const message = ethers.solidityPacked(
      ["uint8", "uint32", "uint32", "bytes32", "uint32", "bytes32", "bytes"],
      [VERSION, nonce, REMOTE.chain, ethers.zeroPadValue(REMOTE.sender, 32), LOCAL, to, body(world, nonce)],
    );
    return [metadataOf(world, message, nonce++), message] as const;
  };
  await gasOf(send(mailbox, "process", ...next()));
  const one = await gasOf(send(mailbox, "process", ...next()));
  const calls = Array.from({ length: BATCH }, () => mailbox.interface.encodeFunctionData("process", next()));
  const many = await gasOf(send(batch, "run", await mailbox.getAddress(), calls));
  return {
    "hyperlane.send": sent,
    "hyperlane.deliver1": one,
    "hyperlane.deliverBatch10Each": Math.ceil(many / BATCH),
  };
}

/** As the factory makes them: a minimal proxy with the validators and the threshold behind its code. */
async function deployModule({ ethers, signers }: World): Promise<string> {
  const factory = await ethers.deployContract("HyperlaneModules");
  const validators = signers.map(({ address }) => address);
  await (await send(factory, "deploy(address[],uint8)", validators, 2)).wait();
  const at: unknown = await factory.getFunction("getAddress(address[],uint8)").staticCall(validators, 2);
  return String(at);
}

/** A checkpoint of the origin's tree at the message's own place, signed by two. */
function metadataOf(world: World, message: string, index: number): string {
  const { ethers } = world;
  const tree = ethers.zeroPadValue("0x00000000000000000000000000000000000000c2", 32);
  const root = ethers.id(`root ${index}`);
  const domain = ethers.solidityPackedKeccak256(
    ["uint32", "bytes32", "string"],
    [REMOTE.chain, tree, "HYPERLANE"],
  );
  const digest = ethers.solidityPackedKeccak256(
    ["bytes32", "bytes32", "uint32", "bytes32"],
    [domain, root, index, ethers.keccak256(message)],
  );
  const place = ethers.solidityPacked(["bytes32", "bytes32", "uint32"], [tree, root, index]);
  return ethers.concat([place, ...signByTwo(world, ethers.hashMessage(ethers.getBytes(digest)))]);
}
