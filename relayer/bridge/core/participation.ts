import type { PublicKey } from "../../domain/ids.ts";

/** Who of a validator set takes part, by when each was last heard of. Times in Unix milliseconds. */
export class Participation {
  readonly #heard = new Map<PublicKey, number>();
  #newest = 0;

  /**
   * Takes note of an attestation, whether it still counted or came after the quorum.
   * @param members the set at that moment; who is new in it is given the time from now on
   */
  hear(validator: PublicKey, members: readonly PublicKey[], now: number): void {
    for (const member of members) if (!this.#heard.has(member)) this.#heard.set(member, now);
    for (const known of this.#heard.keys()) if (!members.includes(known)) this.#heard.delete(known);
    if (!members.includes(validator)) return;
    this.#newest = Math.max(this.#newest, now);
    this.#heard.set(validator, this.#newest);
  }

  /** For how long others have attested and this member has not, in milliseconds. While nobody is asked it does not grow. */
  behind(): ReadonlyMap<PublicKey, number> {
    return new Map([...this.#heard].map(([member, at]) => [member, Math.max(0, this.#newest - at)]));
  }
}
