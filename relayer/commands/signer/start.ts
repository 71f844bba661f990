import { join } from "node:path";
import { unlockKeystore } from "../../bridge/adapters/keystore-file.ts";
import { LocalSigningKey } from "../../bridge/adapters/local-key.ts";
import { SqliteSigningRecords } from "../../bridge/adapters/signing-records.ts";
import { SetSigner } from "../../bridge/worker/set-signer.ts";
import { Signer } from "../../bridge/worker/signer.ts";
import { SigningGate } from "../../bridge/worker/signing-gate.ts";
import { requireEd25519 } from "../../bridge/worker/scheme.ts";
import { ConfigurationError, UsageError } from "../../domain/errors.ts";
import type { Attestation, Point } from "../../domain/bridge.ts";
import type { PublicKey } from "../../domain/ids.ts";
import {
  attestationJobId,
  attestationQueue,
  attestationSchema,
  attestQueue,
  pointSchema,
} from "../../domain/jobs.ts";
import type { ChainConfig, Network } from "../../domain/network.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import type { Parts } from "../parts.ts";
import { readPassphraseFile } from "./passphrase.ts";

/** How many points one signer works on at the same time; the checks wait for nodes, not for the processor. */
const SIGNER_CONCURRENCY = 16;

/** The options that say where a signer's key is. */
export type KeyOptions = {
  readonly keystore?: string;
  readonly passphraseFile?: string;
  readonly keyFile?: string;
};

/** A key, and the file that it comes from. */
type OpenedKey = { readonly file: string; readonly key: LocalSigningKey };

/**
 * Opens the signer's key.
 * @throws UsageError unless exactly one is named; ConfigurationError `KEY_FILE`, `KEYSTORE` or `PASSPHRASE`
 */
export async function openKey({ keystore, passphraseFile, keyFile }: KeyOptions): Promise<OpenedKey> {
  if (keystore !== undefined && passphraseFile !== undefined && keyFile === undefined)
    return { file: keystore, key: await unlockKeystore(keystore, readPassphraseFile(passphraseFile)) };
  if (keyFile !== undefined && keystore === undefined && passphraseFile === undefined)
    return { file: keyFile, key: new LocalSigningKey(readKeyFile(keyFile, "the validator")) };
  throw new UsageError(
    "USAGE",
    "The role signer needs --keystore and --passphrase-file, or --key-file alone. Nothing was started; name one key.",
  );
}

/** What a signer takes of a role's parts. */
type SignerParts = Pick<
  Parts,
  "queues" | "logger" | "readiness" | "origins" | "destinations" | "destination" | "sets"
> & {
  readonly chains: readonly Pick<ChainConfig, "name" | "chainId">[];
};

/**
 * The role `signer`: attests for one validator.
 * @returns what ends it, once what is under way is through
 * @throws ConfigurationError `NOT_A_VALIDATOR` or `SIGNING_RECORDS`
 */
export async function startSigner(
  { file: keyFile, key }: OpenedKey,
  parts: SignerParts,
  { dataFolder }: Pick<Network, "dataFolder">,
): Promise<() => Promise<void>> {
  await requireValidator(key.publicKey, keyFile, parts);
  const name = key.publicKey.slice(2, 18);
  const file = join(dataFolder, `signer-${name}`, "signing-records.sqlite");
  const records = new SqliteSigningRecords(file, { create: true, owner: key.publicKey });
  parts.readiness.add("signing records", () => {
    records.requireWritable();
  });
  const publish = (point: Point, attestation: Attestation) =>
    parts.queues.add(
      attestationQueue(point.destinationChainId),
      attestationJobId(point, key.publicKey),
      attestationSchema,
      { ...attestation, point },
    );
  const { origins, destinations, sets } = parts;
  const gate = new SigningGate({ records, key });
  const signer = new Signer({ origins, destinations, gate, publish });
  const setSigner = sets && new SetSigner({ sets, destinations, gate, publish });
  const fields = { validator: key.publicKey, records: file };
  if (records.isNew)
    parts.logger.warn(
      fields,
      'the signing records are new; if this key has ever signed elsewhere, stop now and see "Move" in docs/operations/signer.md',
    );
  parts.logger.info(fields, "signing as");
  parts.queues.work(
    attestQueue(key.publicKey),
    pointSchema,
    (point, job) =>
      setSigner?.laneTo(point.destinationChainId) === point.lane
        ? setSigner.attest(point, job)
        : signer.attest(point, job),
    { concurrency: SIGNER_CONCURRENCY },
  );
  return async () => {
    await parts.queues.close();
    records.close();
  };
}

async function requireValidator(key: PublicKey, file: string, parts: SignerParts): Promise<void> {
  for (const { name, chainId } of parts.chains) {
    const { members, epoch } = requireEd25519(await parts.destination(chainId).validatorSet());
    if (!members.includes(key))
      throw new ConfigurationError(
        "NOT_A_VALIDATOR",
        `The key in ${file} (public key ${key}) is not in the validator set of epoch ${epoch} on chain ${name}. Nothing was signed. Start this signer with a key of the set: ${members.join(", ")}.`,
      );
  }
}
