import type { Attestation, Statement } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";
import { digestOf } from "../../domain/attestation.ts";
import type { SigningKey, SigningRecords } from "../ports.ts";

/** What a gate works with. */
export type GateServices = { readonly records: SigningRecords; readonly key: SigningKey };

/** The gate in front of a validator's key: nothing is signed that was not checked and durably recorded first. */
export class SigningGate {
  readonly #records: SigningRecords;
  readonly #key: SigningKey;

  constructor({ records, key }: GateServices) {
    this.#records = records;
    this.#key = key;
  }

  /** @throws FatalError `DOUBLE_SIGNING_REFUSED` or `BELOW_LOW_WATER_MARK`; whatever the records throw */
  async sign(statement: Statement): Promise<Attestation> {
    const validator = this.#key.publicKey;
    const decision = await this.#records.checkAndRecord(validator, statement);
    const { lane, nonce, accumulator } = statement;
    const details = { lane, nonce: nonce.toString() };
    switch (decision.kind) {
      case "conflict":
        throw new FatalError(
          "DOUBLE_SIGNING_REFUSED",
          `Refused to sign accumulator ${accumulator} for nonce ${nonce} of lane ${lane}: this validator signed ${decision.signed ?? "something else"} there before, and a second one would cost its bond. The origin reorganised beyond its finality rule, or its node lies. Compare the origin block on several nodes.`,
          details,
        );
      case "below-mark":
        throw new FatalError(
          "BELOW_LOW_WATER_MARK",
          `Refused to sign nonce ${nonce} of lane ${lane}: an import closed that lane up to nonce ${decision.lowWaterMark}, because this validator may have signed there with other records. No money is lost: other validators attest to it, or this one does together with the next message above the mark.`,
          details,
        );
      case "sign":
        return { ...statement, validator, signature: await this.#key.sign(digestOf(statement)) };
    }
  }
}
