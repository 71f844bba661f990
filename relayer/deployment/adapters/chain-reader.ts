import { dataLength, dataSlice, Interface, keccak256, toQuantity } from "ethers";
import { z } from "zod";
import { explain } from "../../domain/errors.ts";
import { address, type Address, bytes, type Bytes, hash, type Hash } from "../../domain/ids.ts";
import { chainAnswer } from "../../platform/chain-answer.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { isSameCode } from "../core/code.ts";
import { CREATE_X, CREATE_X_CODE_HASH } from "../core/create3.ts";
import type { Planned } from "../core/layout.ts";
import { type Answer, type Probe, probes } from "../core/requirements.ts";
import { isGenerated, readArtifact } from "./artifacts.ts";

/** How many blocks are asked for logs at once: below the limits of the common providers. */
const LOG_BLOCKS = 1_000;

const createX = new Interface([
  "function deployCreate3(bytes32 salt, bytes initCode) payable returns (address newContract)",
  "event ContractCreation(address indexed newContract)",
]);

/** Where OP-stack chains say what data cost on L1 (specs: predeploys, since Fjord). */
const GAS_PRICE_ORACLE = address.parse("0x420000000000000000000000000000000000000F");
const oracle = new Interface(["function getL1FeeUpperBound(uint256 unsignedTxSize) view returns (uint256)"]);

/** What a chain is asked about money. Amounts are in wei. */
export type Purse = {
  readonly gasPrice: bigint;
  readonly balance: bigint;
  /** How many of the account's transactions are not in a block yet. */
  readonly pending: number;
};

/** A contract's creation as its transaction shows it. */
export type SeenCreation = {
  readonly transaction: Hash;
  readonly from: string;
  readonly salt: Hash;
  readonly initCode: Bytes;
};

/** What deploying must know of one chain. Everything is by the word of one provider, but for what is read through `rpc.agreed`. */
export class ChainReader {
  readonly rpc: Rpc;

  constructor(rpc: Rpc) {
    this.rpc = rpc;
  }

  /** The chain id that the endpoint itself names. */
  async chainId(): Promise<number> {
    return Number(await this.rpc.ask("eth_chainId", () => this.rpc.provider.send("eth_chainId", [])));
  }

  /** Asks for everything that the contracts' code takes. */
  answers(): Promise<readonly Answer[]> {
    return Promise.all(probes.map(async (probe) => ({ probe, answer: await this.#answer(probe) })));
  }

  async purse(account: Address): Promise<Purse> {
    const { provider } = this.rpc;
    const [fees, balance, latest, pending] = await Promise.all([
      this.rpc.ask("eth_gasPrice", () => provider.getFeeData()),
      this.rpc.ask("eth_getBalance", () => provider.getBalance(account)),
      this.rpc.ask("eth_getTransactionCount", () => provider.getTransactionCount(account, "latest")),
      this.rpc.ask("eth_getTransactionCount", () => provider.getTransactionCount(account, "pending")),
    ]);
    return {
      gasPrice: fees.gasPrice ?? fees.maxFeePerGas ?? 0n,
      balance,
      pending: Math.max(0, pending - latest),
    };
  }

  /**
   * What the data of transactions cost on L1, at most, in wei: 0 on a chain that has no L1, undefined where it is not told.
   * @param sizes of the unsigned transactions, in bytes
   */
  async dataFee(sizes: readonly number[]): Promise<bigint | undefined> {
    if ((await this.code(GAS_PRICE_ORACLE)) === "0x") return 0n;
    const ask = (size: number) => {
      const data = oracle.encodeFunctionData("getL1FeeUpperBound", [size]);
      return this.rpc.ask("eth_call", () => this.rpc.provider.call({ to: GAS_PRICE_ORACLE, data }));
    };
    try {
      const told = await Promise.all(sizes.map(ask));
      return told.includes("0x") ? undefined : told.reduce((sum, fee) => sum + BigInt(fee), 0n);
    } catch (error) {
      if (chainAnswer(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Whether every transaction of the account has `confirmations` blocks. */
  async isSettled(account: Address, confirmations: number): Promise<boolean> {
    const { provider } = this.rpc;
    const newest = await this.rpc.newestBlock();
    const old = Math.max(0, newest - confirmations + 1);
    const [then, pending] = await Promise.all([
      this.rpc.ask("eth_getTransactionCount", () => provider.getTransactionCount(account, old)),
      this.rpc.ask("eth_getTransactionCount", () => provider.getTransactionCount(account, "pending")),
    ]);
    return then === pending;
  }

  async code(account: Address): Promise<Bytes> {
    return bytes.parse(await this.rpc.ask("eth_getCode", () => this.rpc.provider.getCode(account)));
  }

  /** CreateX: there, not there, or something else in its place. */
  async createX(): Promise<"there" | "missing" | "strange"> {
    const code = await this.code(CREATE_X);
    if (code === "0x") return "missing";
    return keccak256(code) === CREATE_X_CODE_HASH ? "there" : "strange";
  }

  /**
   * Whether `code` is what was compiled of the contract.
   * @param initCode what creates it; needed where the constructor keeps generated code
   */
  async isCompiled(contract: Planned, code: Bytes, initCode: Bytes | undefined): Promise<boolean> {
    if (isGenerated(contract.contract)) {
      if (initCode === undefined) return false;
      const made = await this.rpc.ask("eth_call", () => this.rpc.provider.call({ data: initCode }));
      return made === code;
    }
    const { deployedBytecode, immutableReferences } = readArtifact(contract.contract);
    return isSameCode(code, deployedBytecode, Object.values(immutableReferences).flat());
  }

  /**
   * Looks for the transaction that created the contract at `account`, from the block `from` on.
   * @returns undefined when no log tells of it
   */
  async findCreation(account: Address, from: number): Promise<Hash | undefined> {
    const newest = await this.rpc.newestBlock();
    const topics = createX.encodeFilterTopics("ContractCreation", [account]);
    for (let first = from; first <= newest; first += LOG_BLOCKS) {
      const filter = {
        address: CREATE_X,
        topics,
        fromBlock: first,
        toBlock: Math.min(newest, first + LOG_BLOCKS - 1),
      };
      const [log] = await this.rpc.ask("eth_getLogs", () => this.rpc.provider.getLogs(filter));
      if (log !== undefined) return hash.parse(log.transactionHash);
    }
    return undefined;
  }

  /** Reads a creation from its transaction; undefined for a transaction that is none, failed, or is not there. */
  async creation(transaction: Hash): Promise<SeenCreation | undefined> {
    const { provider } = this.rpc;
    const [found, receipt] = await Promise.all([
      this.rpc.ask("eth_getTransactionByHash", () => provider.getTransaction(transaction)),
      this.rpc.ask("eth_getTransactionReceipt", () => provider.getTransactionReceipt(transaction)),
    ]);
    if (found?.to !== CREATE_X || receipt?.status !== 1) return undefined;
    const parsed = createX.parseTransaction({ data: found.data });
    if (parsed === null) return undefined;
    const { salt, initCode } = creationArguments.parse(parsed.args.toObject());
    return { transaction, from: found.from, salt, initCode };
  }

  /** What a chain says to a probe; a chain that refuses to run it says so by an error of its own. */
  async #answer({ to, data }: Probe): Promise<string | undefined> {
    const call = { data, gas: toQuantity(PROBE_GAS), ...(to === undefined ? {} : { to }) };
    try {
      return z.string().parse(await this.rpc.provider.send("eth_call", [call, "latest"]));
    } catch (error) {
      if (chainAnswer(error) !== undefined || isRefusal(error)) return undefined;
      // Anything else is no answer: the endpoint is away.
      return this.rpc.ask("eth_call", () =>
        Promise.reject(error instanceof Error ? error : new Error(explain(error))),
      );
    }
  }
}

/** More than any probe takes, and less than any node refuses to spend on a call. */
const PROBE_GAS = 1_000_000;

const creationArguments = z.object({ salt: hash, initCode: bytes });

/** How nodes say that code cannot be run: an opcode that they do not know, or a call that failed. */
function isRefusal(error: unknown): boolean {
  return /invalid opcode|opcodenotfound|opcode not found|notactivated|undefined instruction|invalid instruction|revert|execution error|evm error/i.test(
    explain(error),
  );
}

/** The constructor's arguments behind the code that creates, as much as was planned. */
export function splitInitCode(
  initCode: Bytes,
  argumentBytes: number,
): { readonly code: string; readonly args: string } {
  const end = Math.max(0, dataLength(initCode) - argumentBytes);
  return { code: dataSlice(initCode, 0, end), args: dataSlice(initCode, end) };
}
