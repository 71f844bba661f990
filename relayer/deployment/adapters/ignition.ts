import type { DeploymentResult, ExecutionEventListener } from "@nomicfoundation/ignition-core";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import { type Address, hash, type Hash } from "../../domain/ids.ts";
import { CREATE_X } from "../core/create3.ts";
import type { Planned } from "../core/layout.ts";
import type { HardhatSession } from "./hardhat.ts";

/** A contract with the code that creates it. */
export type ToCreate = Planned & { readonly initCode: string };

/** How Ignition sends. */
export type Sending = {
  readonly chain: string;
  readonly sender: Address;
  /** How many blocks must stand on a transaction before what needs it is sent. */
  readonly confirmations: number;
  /** The dearest gas that is paid, in wei. */
  readonly mostGasPrice: bigint | undefined;
  /** Told of each contract that is there, by key, with its transaction. */
  readonly onCreated: (key: string, transaction: Hash) => void;
};

/** How often Ignition looks for news, in milliseconds. */
const POLL_MILLISECONDS = 250;

/**
 * Creates contracts with Hardhat Ignition: it simulates each, raises fees where blocks pass, and waits for what others need. It keeps no journal: what is
 * there is seen on the chain, so that a run which was killed at any point goes on from any machine.
 *
 * @throws RetryableError `DEPLOYMENT` when not everything could be created; what was created stays, and is not created again
 */
export async function createContracts(
  { connection, hre }: HardhatSession,
  contracts: readonly ToCreate[],
  { chain, sender, confirmations, mostGasPrice, onCreated }: Sending,
): Promise<void> {
  const [{ deploy, ExecutionEventResultType }, { create3Module }] = await Promise.all([
    import("@nomicfoundation/ignition-core"),
    import("../../../ignition/modules/create3.ts"),
  ]);
  const keys = new Map(contracts.map(({ key }) => [idOf(key), key]));
  const creations = contracts.map(({ key, salt, initCode, needs }) => ({
    ...{ id: idOf(key), salt, initCode },
    needs: needs.map(idOf),
  }));
  const sent = new Map<string, Hash>();
  const result = await deploy({
    artifactResolver: {
      loadArtifact: (name) => hre.artifacts.readArtifact(name),
      getBuildInfo: () => Promise.resolve(undefined),
    },
    provider: connection.provider,
    ignitionModule: create3Module(CREATE_X, creations),
    deploymentParameters: {},
    accounts: [sender],
    defaultSender: sender,
    config: { requiredConfirmations: confirmations, blockPollingInterval: POLL_MILLISECONDS },
    ...(mostGasPrice === undefined ? {} : { maxFeePerGasLimit: mostGasPrice }),
    executionEventListener: {
      ...SILENT,
      transactionConfirm: ({ futureId, hash: transaction }) => {
        sent.set(futureId, hash.parse(transaction));
        return Promise.resolve();
      },
      callExecutionStateComplete: ({ futureId, result: outcome }) => {
        const [key, transaction] = [keys.get(futureId.split("#")[1] ?? ""), sent.get(futureId)];
        if (
          outcome.type === ExecutionEventResultType.SUCCESS &&
          key !== undefined &&
          transaction !== undefined
        )
          onCreated(key, transaction);
        return Promise.resolve();
      },
    },
  }).catch((error: unknown) => {
    throw stopped(chain, error instanceof Error ? error.message : String(error), error);
  });
  requireDeployed(chain, result);
}

function requireDeployed(chain: string, result: DeploymentResult): void {
  if ("contracts" in result) return;
  if ("errors" in result)
    throw new FatalError(
      "DEPLOYMENT",
      `Chain ${chain}: Ignition refuses what is planned: ${JSON.stringify(result.errors)}. Nothing was sent.`,
    );
  const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
  const late = result.timedOut.map(({ futureId }) => `${futureId}: no block takes its transaction`);
  throw stopped(chain, [...failed, ...late].join("; "));
}

function stopped(chain: string, why: string, cause?: unknown): RetryableError {
  return new RetryableError(
    "DEPLOYMENT",
    `Chain ${chain}: the deployment stopped: ${why}. What was deployed stays and was paid for; nothing is deployed twice. Mend what is wrong, and run it again.`,
    { chain },
    cause,
  );
}

/** Ignition's ids take no dots, and symbols have no underscores. */
function idOf(key: string): string {
  return key.replaceAll(".", "_");
}

const nothing = () => Promise.resolve();

/** Ignition tells of much that the chain tells better. */
const SILENT: ExecutionEventListener = {
  wipeApply: nothing,
  deploymentExecutionStateInitialize: nothing,
  deploymentExecutionStateComplete: nothing,
  callExecutionStateInitialize: nothing,
  callExecutionStateComplete: nothing,
  staticCallExecutionStateInitialize: nothing,
  staticCallExecutionStateComplete: nothing,
  sendDataExecutionStateInitialize: nothing,
  sendDataExecutionStateComplete: nothing,
  contractAtExecutionStateInitialize: nothing,
  readEventArgumentExecutionStateInitialize: nothing,
  encodeFunctionCallExecutionStateInitialize: nothing,
  networkInteractionRequest: nothing,
  transactionPrepareSend: nothing,
  transactionSend: nothing,
  transactionConfirm: nothing,
  staticCallComplete: nothing,
  onchainInteractionBumpFees: nothing,
  onchainInteractionDropped: nothing,
  onchainInteractionReplacedByUser: nothing,
  onchainInteractionTimeout: nothing,
  deploymentStart: nothing,
  deploymentInitialize: nothing,
  reconciliationWarnings: nothing,
  batchInitialize: nothing,
  runStart: nothing,
  beginNextBatch: nothing,
  deploymentComplete: nothing,
  setModuleId: nothing,
  setStrategy: nothing,
};
