import { body, type Contract, type Figures, gasOf, send, type World } from "./world.ts";

const LOCAL = 30_101;
const REMOTE = 30_102;
const CONFIRMATIONS = 1;

/**
 * LayerZero: EndpointV2 with the libraries Uln302. Two of three verifiers (DVNs) each write their word into storage in a transaction of
 * their own; then it is committed, and then executed. Verifiers are plain accounts here, which is less than any real one needs.
 */
export async function measureLayerZero(world: World): Promise<Figures> {
  const { ethers, account } = world;
  const accounts = await ethers.getSigners();
  const verifiers = accounts.slice(1, 4).sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const endpoint = await ethers.deployContract("EndpointV2", [LOCAL, account.address]);
  const library = await deployReceiver(
    world,
    endpoint,
    verifiers.map(({ address }) => address),
  );
  const receiver = await (await ethers.deployContract("LayerZeroReceiver")).getAddress();
  const [to, sender] = [receiver, "0x00000000000000000000000000000000000000c1"].map((each) =>
    ethers.zeroPadValue(each, 32),
  );

  let nonce = 0;
  const deliver = async () => {
    const message = body(world, ++nonce);
    const path = ["uint64", "uint32", "bytes32", "uint32", "bytes32"];
    const packed = ethers.solidityPacked(path, [nonce, REMOTE, sender, LOCAL, to]);
    const header = ethers.concat(["0x01", packed]);
    const guid = ethers.keccak256(packed);
    const hash = ethers.keccak256(ethers.concat([guid, message]));
    const verifications: number[] = [];
    for (const verifier of verifiers.slice(0, 2))
      verifications.push(await gasOf(send(library.connect(verifier), "verify", header, hash, CONFIRMATIONS)));
    const commitment = await gasOf(send(library, "commitVerification", header, hash));
    const origin = [REMOTE, sender, nonce];
    const execution = await gasOf(send(endpoint, "lzReceive", origin, receiver, guid, message, "0x"));
    return { verifications, commitment, execution };
  };
  await deliver();
  const { verifications, commitment, execution } = await deliver();
  const verification = verifications.reduce((sum, gas) => sum + gas, 0);
  return {
    "layerzero.send": await measureSend(world),
    "layerzero.verify2": verification,
    "layerzero.commit1": commitment,
    "layerzero.execute1": execution,
    "layerzero.deliver1": verification + commitment + execution,
  };
}

const twoOf = (verifiers: readonly string[]) => [CONFIRMATIONS, 0, verifiers.length, 2, [], verifiers];

async function deployReceiver({ ethers }: World, endpoint: Contract, verifiers: readonly string[]) {
  const library = await ethers.deployContract("ReceiveUln302", [await endpoint.getAddress()]);
  await send(library, "setDefaultUlnConfigs", [[REMOTE, twoOf(verifiers)]]);
  await send(endpoint, "registerLibrary", await library.getAddress());
  await send(endpoint, "setDefaultReceiveLibrary", REMOTE, await library.getAddress(), 0);
  return library;
}

/** With verifiers and an executor that want no fee. */
async function measureSend(world: World): Promise<number> {
  const { ethers, account } = world;
  const endpoint = await ethers.deployContract("EndpointV2", [LOCAL, account.address]);
  const library = await ethers.deployContract("SendUln302", [await endpoint.getAddress(), 200_000, 0]);
  const workers: string[] = [];
  for (let i = 0; i < 4; i++) workers.push(await (await ethers.deployContract("FreeWorker")).getAddress());
  const [executor = "", ...verifiers] = workers;
  verifiers.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  await send(library, "setDefaultUlnConfigs", [[REMOTE, twoOf(verifiers)]]);
  await send(library, "setDefaultExecutorConfigs", [[REMOTE, [10_000, executor]]]);
  await send(library, "setTreasury", executor);
  await send(endpoint, "registerLibrary", await library.getAddress());
  await send(endpoint, "setDefaultSendLibrary", REMOTE, await library.getAddress());
  // Execution with 30,000 gas, as our own bench asks for.
  const options = ethers.solidityPacked(
    ["uint16", "uint8", "uint16", "uint8", "uint128"],
    [3, 1, 17, 1, 30_000],
  );
  const to = ethers.zeroPadValue("0x00000000000000000000000000000000000000c1", 32);
  const sendOne = (i: number) =>
    send(endpoint, "send", [REMOTE, to, body(world, i), options, false], account.address);
  await gasOf(sendOne(1));
  return gasOf(sendOne(2));
}
