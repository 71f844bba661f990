import type { ErrorDescription, Interface } from "ethers";

/** What a wallet or a chain answered instead of doing what it was asked, told to people. */

export type TroubleKind = "declined" | "busy" | "unknown-chain" | "poor" | "refused" | "silent";

/** The message says what happened, what became of the money, and what to do. `declined` is no error: somebody thought better of it. */
export class WalletTrouble extends Error {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.name = "WalletTrouble";
    this.kind = kind;
  }
}

/** EIP-1193's, MetaMask's and JSON-RPC's codes. */
const DECLINED = [4001, "ACTION_REJECTED"];
const BUSY = -32002;
const UNKNOWN_CHAIN = 4902;

/** Where contracts' errors are looked up, and how they are told. */
export type Sentences = {
  readonly interfaces: readonly Interface[];
  readonly tell: (error: ErrorDescription) => string | undefined;
};

/**
 * Reads what was thrown by a wallet's request.
 * @param what what was being done, such as "The transfer"
 */
export function readWalletError(thrown: unknown, what: string, sentences: Sentences): WalletTrouble {
  const code = codeOf(thrown);
  if (DECLINED.some((each) => each === code))
    return new WalletTrouble("declined", "You declined in your wallet. Nothing was sent.");
  if (code === BUSY)
    return new WalletTrouble(
      "busy",
      "Your wallet has a question open already. Answer that first; nothing was sent.",
    );
  if (code === UNKNOWN_CHAIN)
    return new WalletTrouble("unknown-chain", "Your wallet does not know this chain.");
  const error = revertOf(thrown, sentences.interfaces);
  if (error !== undefined) {
    const why = sentences.tell(error) ?? `The contract says ${error.name}.`;
    return new WalletTrouble(
      "refused",
      `${what} would be refused. ${why} Nothing was sent, and the money stays where it is.`,
    );
  }
  const words = messageOf(thrown);
  if (/insufficient funds|doesn't have enough funds/i.test(words))
    return new WalletTrouble(
      "poor",
      `${what} needs more of the chain's own currency than the account has, for the amount or the fee. Nothing was sent; send the account some, then try again.`,
    );
  return new WalletTrouble(
    "silent",
    `${what} could not be done: ${words}. If your wallet shows a transaction for it, wait for that before you try again, so that it is not done twice.`,
  );
}

/** Wallets wrap each other's errors, and nodes put a revert's data at different places. */
function* layers(thrown: unknown): Generator<Readonly<Record<string, unknown>>> {
  const queue: unknown[] = [thrown];
  for (let i = 0; i < queue.length && i < 12; i++) {
    const layer = queue[i];
    if (typeof layer !== "object" || layer === null) continue;
    const fields = layer as Readonly<Record<string, unknown>>;
    yield fields;
    queue.push(fields["data"], fields["error"], fields["cause"], fields["originalError"]);
  }
}

function codeOf(thrown: unknown): unknown {
  for (const { code } of layers(thrown))
    if (code === UNKNOWN_CHAIN || code === BUSY || DECLINED.some((each) => each === code)) return code;
  return undefined;
}

function revertOf(thrown: unknown, interfaces: readonly Interface[]): ErrorDescription | undefined {
  for (const { data } of layers(thrown)) {
    if (typeof data !== "string" || !/^0x[0-9a-f]{8,}$/i.test(data)) continue;
    for (const contract of interfaces) {
      const error = contract.parseError(data);
      if (error !== null) return error;
    }
  }
  return undefined;
}

function messageOf(thrown: unknown): string {
  for (const { message } of layers(thrown))
    if (typeof message === "string" && message !== "") return message.slice(0, 200).replace(/\.$/, "");
  return "the wallet did not say why";
}
