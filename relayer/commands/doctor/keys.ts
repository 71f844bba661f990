import { accessSync, constants, statSync } from "node:fs";
import { formatEther, hexlify, Wallet } from "ethers";
import { KeyTables } from "../../bridge/adapters/key-tables.ts";
import { readKeystore } from "../../bridge/adapters/keystore-file.ts";
import { publicKey, type PublicKey } from "../../domain/ids.ts";
import { chainsOf, type Network } from "../../domain/network.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import type { Keystore } from "../../platform/keystore.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { fail, type Look, ok, warn } from "./finding.ts";

/** A key that can pay for less gas than this, at today's price, is soon empty: about fifty full deliveries. */
const LEAST_GAS = 200_000_000n;

/** Looks at the files with keys, at what the keys can pay for, and at where databases are kept. No key is shown. */
export function lookAtKeys(
  network: Network,
  rpcs: ReadonlyMap<string, Rpc>,
  keystores: readonly string[],
): readonly Look[] {
  const { home } = network;
  const watchtowerKeyFile = home?.watchtower?.keyFile;
  const sending = chainsOf(network).flatMap(({ name, senderKeyFile, escrow, witness }) => {
    const isWatched = name === home?.chain || witness !== undefined;
    const rpc = rpcs.get(name);
    if (rpc === undefined) throw new Error(`no connection to ${name}`);
    return [
      sendingKey(`chains.${name}.senderKeyFile`, senderKeyFile, rpc),
      ...(escrow?.keeperKeyFile === undefined
        ? []
        : [sendingKey(`chains.${name}.escrow.keeperKeyFile`, escrow.keeperKeyFile, rpc)]),
      ...(watchtowerKeyFile === undefined || !isWatched
        ? []
        : [sendingKey(`home.watchtower.keyFile on chain ${name}`, watchtowerKeyFile, rpc)]),
    ];
  });
  const { walletKeyFile, dataFolder } = network;
  return [
    ...sending,
    ...(walletKeyFile === undefined
      ? []
      : [
          {
            check: "walletKeyFile",
            look: () => Promise.resolve(ok(`the key of ${addressIn(walletKeyFile, "the wallet")}`)),
          },
        ]),
    ...keystores.flatMap((file) => [
      {
        check: `keystore ${file}`,
        look: () =>
          Promise.resolve(ok(`a locked key of validator ${keyIn(readKeystore(file)) ?? "unnamed"}`)),
      },
      ...[...rpcs.values()].map((rpc) => lookAtTable(file, rpc)),
    ]),
    { check: "dataFolder", look: () => Promise.resolve(lookAtFolder(dataFolder)) },
  ];
}

function sendingKey(key: string, file: string, rpc: Rpc): Look {
  return {
    check: key,
    look: async () => {
      const address = addressIn(file, key);
      const [balance, { maxFeePerGas, gasPrice }] = await Promise.all([
        rpc.ask("eth_getBalance", () => rpc.provider.getBalance(address)),
        rpc.ask("eth_feeHistory", () => rpc.provider.getFeeData()),
      ]);
      const price = maxFeePerGas ?? gasPrice ?? 0n;
      const has = `${address} has ${formatEther(balance)} of the native currency of chain ${rpc.chain.name}`;
      if (balance === 0n)
        return fail(`${has}, so it can send nothing: what waits stays safe, and waits. Send it some.`);
      if (balance < LEAST_GAS * price)
        return warn(
          `${has}, enough for less than ${LEAST_GAS} gas at today's price. When it is empty, what waits stays safe, and waits. Send it some.`,
        );
      return ok(has);
    },
  };
}

function lookAtTable(file: string, rpc: Rpc): Look {
  const { name } = rpc.chain;
  return {
    check: `keystore ${file} on chain ${name}`,
    look: async () => {
      const key = keyIn(readKeystore(file));
      if (key === undefined)
        return warn(
          "The keystore names no public key, so its table was not looked for. Signing goes on without.",
        );
      const { table, isThere } = await new KeyTables(rpc).find(key);
      if (isThere) return ok(`the key has its table at ${table}`);
      return warn(
        `The key has no table: each of its signatures costs some three times the gas there. Nothing is at risk. Make it, once: dchat validator table --chain ${name} --keystore ${file} …`,
      );
    },
  };
}

function keyIn({ pubkey }: Keystore): PublicKey | undefined {
  return publicKey.safeParse(`0x${pubkey}`).data;
}

function addressIn(file: string, whose: string): string {
  return new Wallet(hexlify(readKeyFile(file, whose))).address;
}

function lookAtFolder(folder: string) {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined)
    return warn(
      `${folder} does not exist. A role makes it when it starts; but where signers ran before, their records are missing: find them before you start one.`,
    );
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      `${folder} may not be written by this user, so signers and senders cannot record what they do, and do nothing. Give it to the user that runs them.`,
    );
  }
  if (process.platform !== "win32" && (stat.mode & 0o022) !== 0)
    return warn(
      `Others may write to ${folder}: they could take a signer's records away. Run "chmod go-w ${folder}".`,
    );
  return ok(folder);
}
