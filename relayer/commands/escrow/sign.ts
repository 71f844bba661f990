import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError, explain, FatalError, UsageError } from "../../domain/errors.ts";
import { address, bytes, hash } from "../../domain/ids.ts";
import { chainsOf } from "../../domain/network.ts";
import type { PartyAction } from "../../escrow/adapters/calls.ts";
import { showTime } from "../../escrow/adapters/refusals.ts";
import { actionTypedData } from "../../escrow/core/actions.ts";
import {
  kindName,
  sequenceOf,
  signedAction,
  type SignedAction,
  signersOf,
} from "../../escrow/core/signed-action.ts";
import { ActionKind, type EscrowId, type Hex, sameAddress } from "../../escrow/core/types.ts";
import type { CommandContext } from "../context.ts";
import { type ActionText, type ActOptions, describeAction, readAction, reportAfter } from "./act.ts";
import type { ActionName } from "./names.ts";
import { secondOf, type When } from "./options.ts";
import { type FoundEscrow, openWallet, readSigner, withEscrow } from "./session.ts";

/** The options of `dchat escrow sign`. */
export type SignOptions = ActOptions & ActionText & { readonly toBuyer?: string; readonly deadline: When };

/** `dchat escrow sign`: prints an action that anybody may send. Nothing is sent. */
export async function sign(
  id: EscrowId,
  name: ActionName,
  options: SignOptions,
  context: CommandContext,
): Promise<void> {
  checkDetails(name, options);
  const { amount = options.toBuyer, ...text } = options;
  await withEscrow(context, id, options, async (found) => {
    const action = readAction(name, { ...text, ...(amount === undefined ? {} : { amount }) }, found);
    const wallet = readSigner(context.network, options);
    const sequence = checkedSequence(name, action.kind, wallet.address, found);
    const now = await found.now();
    const deadline = secondOf(options.deadline, now);
    if (deadline <= now)
      throw new UsageError(
        "DEADLINE",
        `--deadline: ${showTime(deadline)} has passed. Nothing was signed; name a later one.`,
      );
    const { domain, types, message } = actionTypedData(
      { ...action, id, sequence, deadline },
      found.deployment,
    );
    const signature = await wallet.signTypedData(domain, types, message);
    const signed = z.encode(signedAction, {
      chainId: found.chain.chainId,
      contract: found.contract,
      id: hash.parse(id),
      action: {
        kind: kindName(action.kind),
        account: address.parse(wallet.address),
        amount: action.amount,
        sequence,
        uri: action.uri,
      },
      authorization: { deadline, signer: bytes.parse("0x"), signature: bytes.parse(signature) },
    });
    context.output.result(signed, JSON.stringify(signed, null, 2));
  });
}

function checkDetails(name: ActionName, { amount, toBuyer, uri }: SignOptions): void {
  const refuse = (text: string) => new UsageError("USAGE", `${text} Nothing was signed.`);
  const isPart = name === "release" || name === "refund";
  const isPaper = name === "dispute" || name === "evidence" || name === "publish";
  if (amount !== undefined && !isPart)
    throw refuse(`--amount goes with release and refund, not with ${name}.`);
  if ((toBuyer !== undefined) !== (name === "resolve"))
    throw refuse("--to-buyer goes with resolve, which needs it.");
  if (uri !== undefined && !isPaper)
    throw refuse(`--uri goes with dispute, evidence and publish, not with ${name}.`);
  if (uri === undefined && (name === "evidence" || name === "publish")) throw refuse(`${name} needs --uri.`);
}

/** The sequence that this account's action must carry. @throws FatalError `UNAUTHORIZED` */
function checkedSequence(
  name: ActionName,
  kind: ActionKind,
  account: Hex,
  { terms, escrow }: FoundEscrow,
): bigint {
  const parties = signersOf(kind, terms);
  if (!parties.some((party) => sameAddress(party, account)))
    throw new FatalError(
      "UNAUTHORIZED",
      `${account} may not sign ${name} here: that is up to ${parties.join(" or ")}. Nothing was signed; use that account's key (--key-file).`,
    );
  return sequenceOf(account, terms, escrow);
}

/** `dchat escrow execute`: sends what somebody else has signed. */
export async function execute(file: string, options: ActOptions, context: CommandContext): Promise<void> {
  const { chainId: on, contract, id, action: named, authorization } = readSigned(file);
  const chain = chainsOf(context.network).find((candidate) => candidate.chainId === on);
  if (chain === undefined)
    throw new UsageError(
      "CHAIN",
      `The action is for chain id ${on}, which the configuration does not know. Nothing was sent; use the configuration that does.`,
    );
  if (chain.escrow?.contract !== contract)
    throw new ConfigurationError(
      "CONTRACT",
      `The action is for the escrow contract ${contract}, but chains.${chain.name}.escrow.contract is ${chain.escrow?.contract ?? "missing"}. Nothing was sent.`,
    );
  await withEscrow(context, id as string as EscrowId, { chain: chain.name }, async (found) => {
    const action = { ...named, kind: ActionKind[named.kind] } satisfies PartyAction;
    const wallet = openWallet(found, context, options);
    const what = `${describeAction(named.kind, action, found)}, signed by ${named.account}`;
    const receipt = await wallet.send(
      found.calls.execute(found.terms, { action, authorization }, what),
      found.held.show,
    );
    await reportAfter(found, receipt.hash, context);
  });
}

function readSigned(file: string): SignedAction {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    throw new UsageError(
      "SIGNED_ACTION",
      `${file === "-" ? "Standard input" : file} cannot be read as a signed action: ${explain(error)}. Nothing was sent; give it what "dchat escrow sign" printed.`,
    );
  }
  const parsed = signedAction.safeParse(text);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
  throw new UsageError(
    "SIGNED_ACTION",
    `This is no signed action: ${wrong.join("; ")}. Nothing was sent; give it what "dchat escrow sign" printed, unchanged.`,
  );
}
