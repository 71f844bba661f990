import type { Inbox } from "../../../types/ethers-contracts/bridge/Inbox.ts";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import type { LaneHead, ValidatorSet } from "../../domain/bridge.ts";
import { ConfigurationError } from "../../domain/errors.ts";
import { type ChainId, hash, type Hash, type MessageId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { domainOf } from "../core/attestation.ts";
import { setHash } from "../core/quorum.ts";
import type { Destination, Outcome } from "../ports.ts";
import { decodeSet } from "./decode.ts";

/** A {@link Destination} read from its Inbox over JSON-RPC. */
export class InboxReader implements Destination {
  readonly chainId: ChainId;
  readonly domain: Hash;
  readonly #rpc: Rpc;
  readonly #inbox: Inbox;

  constructor(rpc: Rpc) {
    const { chainId, inbox } = rpc.chain;
    this.chainId = chainId;
    this.domain = domainOf(chainId, inbox);
    this.#rpc = rpc;
    this.#inbox = Inbox__factory.connect(inbox, rpc.provider);
  }

  async head(origin: ChainId): Promise<LaneHead> {
    const { nonce, accumulator } = await this.#rpc.ask("eth_call", () => this.#inbox.lanes(origin));
    return { nonce, accumulator: hash.parse(accumulator) };
  }

  async validatorSet(): Promise<ValidatorSet> {
    const { name, inbox, deploymentBlock } = this.#rpc.chain;
    const filter = this.#inbox.filters.ValidatorSetActivated();
    const log = (
      await this.#rpc.ask("eth_getLogs", () => this.#inbox.queryFilter(filter, deploymentBlock))
    ).at(-1);
    if (log === undefined)
      throw new ConfigurationError(
        "NO_VALIDATOR_SET",
        `Chain ${name}: the Inbox at ${inbox} activated no validator set since block ${deploymentBlock}. Correct chains.${name}.inbox or chains.${name}.deploymentBlock.`,
      );
    const set = decodeSet(log.args.set);
    const stored = await this.#rpc.ask("eth_call", () => this.#inbox.validatorSetHash(set.epoch));
    if (stored !== setHash(set))
      throw new ConfigurationError(
        "VALIDATOR_SET_HASH",
        `Chain ${name}: the validator set in the logs of ${inbox} is not the one that the contract holds. The node is faulty or lies; use another for chains.${name}.rpcUrl.`,
      );
    return set;
  }

  async executions(id: MessageId): Promise<number> {
    const inbox = this.#inbox;
    const logs = await this.#rpc.ask("eth_getLogs", () =>
      inbox.queryFilter(inbox.filters.MessageExecuted(id), this.#rpc.chain.deploymentBlock),
    );
    return logs.length;
  }

  async outcome(id: MessageId): Promise<Outcome | undefined> {
    const inbox = this.#inbox;
    const start = this.#rpc.chain.deploymentBlock;
    const [[executed], failed] = await Promise.all([
      this.#rpc.ask("eth_getLogs", () => inbox.queryFilter(inbox.filters.MessageExecuted(id), start)),
      this.#rpc.ask("eth_getLogs", () => inbox.queryFilter(inbox.filters.MessageFailed(id), start)),
    ]);
    const log = executed ?? failed.at(-1);
    if (log === undefined) return undefined;
    const kind = executed === undefined ? "failed" : "executed";
    return { kind, transactionHash: hash.parse(log.transactionHash), blockNumber: log.blockNumber };
  }
}
