import { hexlify, Wallet } from "ethers";
import { KeyTables } from "../../bridge/adapters/key-tables.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import { Rpc } from "../../platform/rpc.ts";
import { type CommandContext, findChain } from "../context.ts";
import { openKey } from "../signer/start.ts";
import { keyOptions, type OperatorOptions, type SignerKeyOptions } from "./session.ts";

/** The options of `dchat validator table`. */
export type TableOptions = OperatorOptions & SignerKeyOptions & { readonly chain: string };

/** `dchat validator table`: makes the table of a validator's key on a chain, unless it is there. Anybody may pay for it. */
export async function makeTable(options: TableOptions, context: CommandContext): Promise<void> {
  const { network, output, signal } = context;
  const chain = findChain(network, options.chain, "--chain");
  const { key } = await openKey(keyOptions(options));
  const rpc = new Rpc(chain);
  try {
    await rpc.verify();
    const tables = new KeyTables(rpc);
    const { table, isThere } = await tables.find(key.publicKey);
    const found = { key: key.publicKey, chain: chain.name, table };
    if (isThere) {
      output.result(
        { ...found, transaction: null, gas: null },
        `${key.publicKey} has its table on ${chain.name} already: ${table}\nnothing was sent`,
      );
      return;
    }
    const payer = new Wallet(hexlify(readKeyFile(options.keyFile, "who pays")), rpc.provider);
    output.step(`making the table of ${key.publicKey} on ${chain.name}, for some 2.9 million gas`);
    const { transaction, gas } = await tables.make(key, payer, signal);
    output.result(
      { ...found, transaction, gas: gas.toString() },
      `${key.publicKey} has its table on ${chain.name}: ${table}, for ${gas.toLocaleString("en")} gas\ntransaction ${transaction}\nits signatures cost a third there from now on`,
    );
  } finally {
    rpc.close();
  }
}
