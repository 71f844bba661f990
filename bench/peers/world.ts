import { network } from "hardhat";

/** Gas by name. */
export type Figures = Record<string, number>;

/** How many messages a batch has. */
export const BATCH = 10;

/** A fresh node with Osaka's rules, and three who sign. */
export async function openWorld() {
  const { ethers } = await network.create();
  const signers = [1, 2, 3]
    .map((i) => new ethers.Wallet(ethers.id(`signer ${i}`)))
    // Contracts want signatures in the order of the signers' addresses.
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const [account] = await ethers.getSigners();
  if (account === undefined) throw new Error("the network has no accounts");
  const batch = await ethers.deployContract("Batch");
  return { ethers, signers, account, batch };
}
/** {@link openWorld} */
export type World = Awaited<ReturnType<typeof openWorld>>;

/** The 64 bytes of a message, the same as in our own bench. */
export function body({ ethers }: World, i: number): string {
  return ethers.concat([ethers.id(`first half ${i}`), ethers.id(`second half ${i}`)]);
}

/** A contract of which only its compiled code is known. */
export type Contract = Awaited<ReturnType<World["ethers"]["deployContract"]>>;
type Sending = ReturnType<ReturnType<Contract["getFunction"]>["send"]>;

/** Sends a transaction to a function of a contract, which may be named with its types. */
export function send(
  contract: Pick<Contract, "getFunction">,
  name: string,
  ...args: readonly unknown[]
): Sending {
  return contract.getFunction(name).send(...args);
}

/** `gasUsed` of a whole transaction, which must have succeeded. */
export async function gasOf(sending: Sending): Promise<number> {
  const receipt = await (await sending).wait();
  if (receipt?.status !== 1) throw new Error("the transaction failed");
  return Number(receipt.gasUsed);
}

/** Two of the three sign a hash of 32 bytes as it is. */
export function signByTwo({ signers }: Pick<World, "signers">, hash: string): readonly string[] {
  return signers.slice(0, 2).map(({ signingKey }) => signingKey.sign(hash).serialized);
}

/** Where a message comes from, and whose contract there sends it. */
export const REMOTE = { chain: 4_242, sender: "0x00000000000000000000000000000000000000c1" };
