import { keccak256 } from "ethers";
import { ConfigurationError, RetryableError } from "../../domain/errors.ts";
import { hash } from "../../domain/ids.ts";
import { provideCreateX } from "../../deployment/adapters/create-x.ts";
import { type HardhatSession, openHardhat, signingAccount } from "../../deployment/adapters/hardhat.ts";
import { createContracts, type ToCreate } from "../../deployment/adapters/ignition.ts";
import type { Stage } from "../../deployment/core/layout.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Environment } from "../../platform/environment.ts";
import { tryLock } from "../../platform/process-lock.ts";
import type { LocalContext } from "../context.ts";
import { AddressBook } from "./addresses.ts";
import { type ChainLook, type ContractLook, look, type Look } from "./look.ts";
import { passwordPrompt } from "./password.ts";
import { describe } from "./plan.ts";
import { type DeployOptions, type DeploySession, withDeploySession } from "./session.ts";
import { type Shown, showSources } from "./verify.ts";

/** The options of `dchat deploy run`. */
export type RunOptions = DeployOptions & { readonly verify?: boolean };

/** How often it is looked whether the deployer's transactions have the blocks that they need, in milliseconds. */
const SETTLE_MILLISECONDS = 1_000;

/** What one run works with. */
type Work = {
  readonly session: DeploySession;
  readonly context: LocalContext;
  readonly hardhat: (chain: ChainLook) => Promise<HardhatSession>;
};

/**
 * `dchat deploy run`: deploys what is missing and can be deployed, writes the addresses, and shows the sources to explorers. What it must wait for it
 * names, and ends well; called again, it goes on.
 * @throws ConfigurationError `NOT_READY` when something stands in the way; RetryableError `LOCKED`, `DEPLOYMENT`
 */
export async function run(
  path: string,
  options: RunOptions,
  context: LocalContext,
  environment: Environment,
): Promise<void> {
  await withDeploySession(path, options, environment, async (session) => {
    const release = tryLock(`${session.addressesFile}.lock`);
    if (release === undefined)
      throw new RetryableError(
        "LOCKED",
        `Another "dchat deploy run" writes ${session.addressesFile} now. Nothing was done; wait until it has ended.`,
      );
    const sessions = new Map<string, Promise<HardhatSession>>();
    const ask = passwordPrompt(context);
    const hardhat = ({ open }: ChainLook) => {
      const opened = sessions.get(open.name) ?? openHardhat(open, ask);
      sessions.set(open.name, opened);
      return opened;
    };
    try {
      await deployAll({ session, context, hardhat }, options);
    } finally {
      await Promise.allSettled([...sessions.values()].map(async (opened) => (await opened).close()));
      release();
    }
  });
}

async function deployAll(work: Work, { verify = true }: RunOptions): Promise<void> {
  const { session, context } = work;
  context.output.step(`looking at ${session.chains.map(({ name }) => name).join(", ")}`);
  const before = requireReady(await settled(work), "Nothing was sent.");
  const book = await openBook(session, before);
  const first = await deployStage(work, book, before, "foundation");
  const after =
    first.first.set === undefined
      ? first
      : await deployStage(
          work,
          book,
          requireReady(first, "What was deployed stays; run it again then."),
          "lane",
        );
  const isComplete = after.chains.every(({ contracts }) => contracts.every(({ state }) => state === "there"));
  book.complete(isComplete);
  book.write();
  const shown = verify ? await showSources(after, work.hardhat, book, context) : [];
  book.write();
  report(work, after, isComplete, shown);
}

/** Looks at the chains, after all that is on its way has arrived. */
async function settled(work: Work): Promise<Look> {
  const { session, context } = work;
  for (const { name, entry, reader } of session.chains) {
    for (let round = 0; !(await reader.isSettled(session.file.deployer, entry.confirmations)); round++) {
      if (round === 0)
        context.output.step(`${name}: waiting until blocks hold what the deployer has sent before`);
      await systemClock.sleep(SETTLE_MILLISECONDS, context.signal);
    }
  }
  return look(session);
}

/** @throws ConfigurationError `NOT_READY` when something stands in the way; `meaning` says what became of the money */
function requireReady(found: Look, meaning: string): Look {
  if (found.problems.length === 0) return found;
  throw new ConfigurationError("NOT_READY", `${found.problems.join("\n")}\n${meaning}`);
}

/** Writes what is planned before anything is sent: from then on the plan is kept to. */
async function openBook(
  { file, addressesFile, recorded, chains }: DeploySession,
  { terms }: Look,
): Promise<AddressBook> {
  const blocks = await Promise.all(
    chains.map(async ({ name, reader }) => [name, await reader.rpc.newestBlock()] as const),
  );
  const book = new AddressBook(addressesFile, file, terms.layouts, new Map(blocks), recorded);
  book.write();
  return book;
}

/** Deploys what is missing of one stage, on all chains side by side. @returns the chains as they are then */
async function deployStage(work: Work, book: AddressBook, before: Look, stage: Stage): Promise<Look> {
  const deploying = before.chains.map(async (chain) => {
    const missing = chain.contracts.filter(
      (contract) => contract.state === "missing" && contract.stage === stage,
    );
    if (missing.length > 0) await deployOn(work, book, chain, missing);
  });
  // A chain that fails does not leave the others in the middle.
  await Promise.allSettled(deploying);
  await Promise.all(deploying);
  const after = await settled(work);
  for (const chain of after.chains) await noteChain(book, chain);
  book.write();
  return after;
}

async function deployOn(work: Work, book: AddressBook, chain: ChainLook, missing: readonly ContractLook[]) {
  const { session, context } = work;
  const { name, entry, reader } = chain.open;
  const hardhat = await work.hardhat(chain);
  const sender = await signingAccount(hardhat);
  if (sender !== session.file.deployer)
    throw new ConfigurationError(
      "DEPLOYER_KEY",
      `The keystore's key is that of ${sender}, but the deployment file names ${session.file.deployer}, which all addresses depend on. Nothing was sent on chain ${name}. Correct the one that is wrong.`,
    );
  if (!(await reader.createX()).startsWith("there")) {
    context.output.step(`${name}: putting CreateX there`);
    await provideCreateX(hardhat, reader, { deployer: sender, clock: systemClock, signal: context.signal });
  }
  let done = 0;
  context.output.step(`${name}: deploying ${missing.length} contracts`);
  await createContracts(hardhat, missing.map(withCode), {
    ...{ chain: name, sender, confirmations: entry.confirmations, mostGasPrice: entry.mostGasPrice },
    onCreated: (key, transaction) => {
      book.note(name, key, { transaction });
      book.write();
      context.output.step(`${name}: ${++done} of ${missing.length}: ${key}`);
    },
  });
}

function withCode({ initCode, ...contract }: ContractLook): ToCreate {
  if (initCode === undefined) throw new Error(`${contract.key} waits and is not missing`);
  return { ...contract, initCode };
}

/** Notes what stands on a chain, and which transactions put it there: those of a run that was killed, too. */
async function noteChain(book: AddressBook, { open: { name, reader }, contracts }: ChainLook): Promise<void> {
  for (const { key, address, state } of contracts) {
    const { codeHash, transaction } = book.known(name, key);
    if (state !== "there" || (codeHash !== undefined && transaction !== undefined)) continue;
    const found = transaction ?? (await reader.findCreation(address, book.deploymentBlock(name)));
    const code = hash.parse(keccak256(await reader.code(address)));
    book.note(name, key, { codeHash: code, ...(found === undefined ? {} : { transaction: found }) });
  }
}

function report({ session, context }: Work, after: Look, isComplete: boolean, shown: readonly Shown[]): void {
  const { addressesFile, file } = session;
  const waitsFor = after.first.waitsFor ?? null;
  const failed = shown.filter(({ why }) => why !== undefined);
  const next = isComplete
    ? `Everything is deployed. Name the file as "deployment" in the fleet's configuration, and look at it with "dchat deploy check".`
    : `It waits: ${waitsFor ?? "not everything is there"}. Run it again then; it goes on where it is.`;
  context.output.result(
    { deployment: file.name, addresses: addressesFile, isComplete, waitsFor, sources: shown },
    [
      describe(after),
      ...failed.map(({ chain, key, why }) => `the explorer does not show ${key} on ${chain}: ${why ?? ""}`),
      `addresses: ${addressesFile}`,
      next,
    ].join("\n"),
  );
}
