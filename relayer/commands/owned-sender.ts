import { join } from "node:path";
import { hexlify, Wallet } from "ethers";
import type { ChainConfig, Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { readKeyFile } from "../platform/key-file.ts";
import { repeat } from "../platform/repeat.ts";
import { TransactionSender } from "../platform/transaction-sender.ts";
import { HolderMarks } from "../platform/transactions/holder-marks.ts";
import { RedisKeyLock } from "../platform/transactions/key-lock.ts";
import type { TransactionMetrics } from "../platform/transactions/metrics.ts";
import { SqliteTransactionJournal } from "../platform/transactions/sqlite-journal.ts";
import type { Parts } from "./parts.ts";

/** Whose key sends, and what it may pay. */
export type OwnedSenderOptions = {
  readonly chain: ChainConfig;
  readonly keyFile: string;
  /** What to call the key's owner before people. */
  readonly whose: string;
  readonly mostGasPrice: bigint | undefined;
  /** Shared by the senders of one process. */
  readonly metrics: TransactionMetrics;
};

/** A sender of transactions with its journal, which has to win the lock on its key before it may send. */
export type OwnedSender = {
  readonly transactions: TransactionSender;
  /**
   * Begins to compete for the key. When it is won, what the journal holds is sent first.
   * @param onChange told when calls may be sent, and when no longer
   * @returns what ends it, and gives the key up
   */
  readonly start: (onChange: (mayUse: boolean) => void, signal: AbortSignal) => () => Promise<void>;
};

/** @throws ConfigurationError `KEY_FILE` or `TRANSACTION_JOURNAL` */
export function openOwnedSender(
  { chain, keyFile, whose, mostGasPrice, metrics }: OwnedSenderOptions,
  parts: Parts,
  network: Network,
): OwnedSender {
  const wallet = new Wallet(hexlify(readKeyFile(keyFile, whose)));
  const owner = { chainId: chain.chainId, address: wallet.address };
  const folder = join(network.dataFolder, `sender-${chain.name}-${wallet.address}`);
  const journal = new SqliteTransactionJournal(join(folder, "journal.sqlite"), owner);
  const services = { journal, logger: parts.logger, clock: systemClock };
  const ttlMilliseconds = network.keyLockMilliseconds;
  const marks = new HolderMarks(join(folder, "holders"));
  const lock = new RedisKeyLock({ redis: parts.redis, ...owner, ttlMilliseconds }, { ...services, marks });
  parts.readiness.add(`sending key on chain ${chain.name}`, () => {
    lock.requireWatched();
  });
  const transactions = new TransactionSender(
    { rpc: parts.rpc(chain.chainId), wallet, replaceMilliseconds: network.replaceMilliseconds, mostGasPrice },
    { ...services, owner: lock, metrics },
  );
  return {
    transactions,
    start: (onChange, signal) => {
      let mayUse = false;
      const change = (now: boolean) => {
        if (now !== mayUse) onChange((mayUse = now));
      };
      const holding = lock.run(signal, (isHeld) => {
        if (!isHeld) change(false);
      });
      const look = async () => {
        if (!lock.isHeld) return;
        if (mayUse) await transactions.tick(signal);
        else await transactions.recover(signal);
        change(true);
      };
      const looking = repeat(look, chain.pollMilliseconds, { ...services, signal });
      return async () => {
        await Promise.all([holding, looking]);
        await lock.release();
        journal.close();
      };
    },
  };
}
