import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { getBytes } from "ethers";
import { createKeystore } from "../../../../relayer/bridge/adapters/keystore-file.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { openKey, startSigner } from "../../../../relayer/commands/signer/start.ts";
import type { Attestation } from "../../../../relayer/domain/bridge.ts";
import { verify } from "../../../../relayer/domain/ed25519.ts";
import { ConfigurationError } from "../../../../relayer/domain/errors.ts";
import { chainName, type PublicKey } from "../../../../relayer/domain/ids.ts";
import {
  attestationQueue,
  attestationSchema,
  attestQueue,
  pointJobId,
  pointSchema,
} from "../../../../relayer/domain/jobs.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { A, B, ed25519Set, publicKeyOfText } from "../../support/bridge.ts";
import { FakeDestination, FakeOrigin } from "../../support/fakes.ts";
import { Readiness } from "../../../../relayer/platform/readiness.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";
import { SignerScene } from "../../support/signer-commands.ts";

const scene = new SignerScene();
const logger = createLogger("silent", {});
const dataFolder = scene.at("data");
let redis: PrivateRedis;
let keystore: string;

before(async () => {
  redis = await PrivateRedis.start();
  const secret = getBytes(scene.secret);
  keystore = (await createKeystore(scene.at("keys"), secret, scene.passphrase, { work: 2 })).file;
});
after(async () => {
  await redis.stop();
  scene.remove();
});

/** The parts of a signer's role over chains in memory, with one final message from A to B. */
function partsOf(members: readonly PublicKey[]) {
  const origin = new FakeOrigin();
  origin.mine(1);
  origin.final = 1;
  const destination = new FakeDestination(ed25519Set(members, 2));
  return {
    origin,
    parts: {
      chains: [{ name: chainName.parse("B"), chainId: B }],
      queues: new Queues(redis.connect(), logger),
      logger,
      readiness: new Readiness(),
      origins: new Map([[A, origin]]),
      destinations: new Map([[B, destination]]),
      destination: () => destination,
      sets: undefined,
    },
  };
}

describe("the role signer", () => {
  const open = () => openKey({ keystore, passphraseFile: scene.at("passphrase") });

  it("signs with the key of a keystore what its queue asks for, and has it recorded", async () => {
    const { origin, parts } = partsOf([scene.publicKey, publicKeyOfText("another")]);
    const stop = await startSigner(await open(), parts, { dataFolder });
    const attestations: Attestation[] = [];
    const aggregating = new Queues(redis.connect(), logger);
    aggregating.work(
      attestationQueue(B),
      attestationSchema,
      ({ point, ...rest }) => Promise.resolve(void attestations.push({ ...point, ...rest })),
      { concurrency: 1 },
    );
    const point = (await origin.advance(origin.lane.id, 1n)) ?? assert.fail();
    await parts.queues.add(attestQueue(scene.publicKey), pointJobId(point), pointSchema, point);
    await until("it attested", () => attestations.length > 0);
    await Promise.all([stop(), aggregating.close()]);

    const [attestation = assert.fail()] = attestations;
    assert.equal(attestation.validator, scene.publicKey);
    const { signature, validator } = attestation;
    assert(verify(getBytes(signature), getBytes(digestOf(attestation)), getBytes(validator)));
    const file = join(dataFolder, `signer-${scene.publicKey.slice(2, 18)}`, "signing-records.sqlite");
    const records = new SqliteSigningRecords(file, { create: false });
    assert.equal(records.export().data[0]?.signed_points[0]?.accumulator, point.accumulator);
    records.close();
  });

  it("does not start with a key that is in no validator set", async () => {
    const { parts } = partsOf([publicKeyOfText("one"), publicKeyOfText("another")]);
    await assert.rejects(
      startSigner(await open(), parts, { dataFolder }),
      (error) => error instanceof ConfigurationError && error.code === "NOT_A_VALIDATOR",
    );
    await parts.queues.close();
  });
});
