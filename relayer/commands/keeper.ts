import { ConfigurationError } from "../domain/errors.ts";
import type { ChainConfig } from "../domain/network.ts";
import { BatchExpirer } from "../escrow/adapters/expirer.ts";
import { EscrowContractReader } from "../escrow/adapters/reader.ts";
import { createKeeperMetrics } from "../escrow/metrics.ts";
import { Keeper } from "../escrow/worker/keeper.ts";
import { systemClock } from "../platform/clock.ts";
import { repeat } from "../platform/repeat.ts";
import { TRANSACTION_GAS_CAP } from "../platform/transaction-sender.ts";
import { createTransactionMetrics } from "../platform/transactions/metrics.ts";
import type { CommandContext } from "./context.ts";
import { openOwnedSender } from "./owned-sender.ts";
import type { Parts } from "./parts.ts";

/** What is left free of a transaction's gas for its calldata, its intrinsic gas and the sender's margin of a tenth. */
const RESERVED_GAS = TRANSACTION_GAS_CAP / 5n;

/** Used when the configuration names no dearest price of gas: more than any price. */
const ANY_PRICE = 2n ** 256n;

/**
 * The role `keeper`: expires the escrows of one chain whose time is up.
 * @returns what ends it, once a tick that is under way is through
 * @throws ConfigurationError `NO_ESCROW` or `KEY_FILE`
 */
export function startKeeper(
  chain: ChainConfig,
  parts: Parts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const { escrow, name, chainId, deploymentBlock } = chain;
  if (escrow?.keeperKeyFile === undefined) {
    const key = escrow === undefined ? "escrow" : "escrow.keeperKeyFile";
    throw new ConfigurationError(
      "NO_ESCROW",
      `The keeper of chain ${name} needs chains.${name}.${key} in the configuration, and it is missing. Nothing was sent; escrows that are due can be expired by anybody. Add it and start again.`,
    );
  }
  const rpc = parts.rpc(chainId);
  const keyFile = escrow.keeperKeyFile;
  const { transactions: sender, start } = openOwnedSender(
    {
      chain,
      keyFile,
      whose: `the keeper on chain ${name}`,
      mostGasPrice: escrow.mostGasPrice,
      metrics: createTransactionMetrics(parts.registry),
    },
    parts,
    network,
  );
  const keeper = new Keeper(
    {
      deploymentBlock,
      mostGas: TRANSACTION_GAS_CAP - RESERVED_GAS,
      mostGasPrice: escrow.mostGasPrice ?? ANY_PRICE,
      leastTip: BigInt(escrow.leastTip),
    },
    {
      reader: new EscrowContractReader(rpc, escrow.contract),
      expirer: new BatchExpirer(rpc, escrow.contract, sender),
      metrics: createKeeperMetrics(parts.registry),
      logger: parts.logger,
    },
  );
  parts.logger.info({ escrow: escrow.contract, keeper: sender.address }, "keeping escrows moving");
  let mayUse = false;
  const giveUp = start((now) => (mayUse = now), signal);
  const tick = async () => {
    if (mayUse) await keeper.tick(signal);
  };
  const running = repeat(tick, chain.pollMilliseconds, { ...parts, clock: systemClock, signal });
  return Promise.resolve(async () => {
    await running;
    await giveUp();
  });
}
