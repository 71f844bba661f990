import { domainOf } from "../../domain/attestation.ts";
import { laneFrom } from "../../domain/message.ts";
import { UsageError } from "../../domain/errors.ts";
import { chainsOf } from "../../domain/network.ts";
import { type CommandContext, findChain } from "../context.ts";
import { type RecordsOptions, withRecords } from "./options.ts";

/** The options of `dchat signer protection raise`. */
export type RaiseOptions = Required<RecordsOptions> & {
  readonly minimumNonce: bigint;
  readonly from?: string;
  readonly to?: string;
};

/** `dchat signer protection raise`: for a validator whose records are lost or old. */
export function raiseProtection(
  { minimumNonce, from, to, ...options }: RaiseOptions,
  { network, output }: CommandContext,
): void {
  const origin = from === undefined ? undefined : findChain(network, from, "--from");
  const destination = to === undefined ? undefined : findChain(network, to, "--to");
  const chains = chainsOf(network);
  const lanes = chains
    .filter(({ chainId }) => origin === undefined || origin.chainId === chainId)
    .flatMap((a) =>
      chains
        .filter((b) => a !== b && (destination === undefined || destination.chainId === b.chainId))
        .map((b) => ({
          name: `${a.name} → ${b.name}`,
          lane: laneFrom(a.chainId, a.outbox, b.chainId).id,
          domain: domainOf(b.chainId, b.inbox),
        })),
    );
  if (lanes.length === 0)
    throw new UsageError("CHAIN", "No lane leads from a chain to itself. Nothing was done.");
  withRecords(options, true, (records) => {
    records.raise(options.validator, lanes, minimumNonce);
  });
  const names = lanes.map(({ name }) => name);
  output.result(
    {
      records: options.records,
      validator: options.validator,
      minimumNonce: minimumNonce.toString(),
      lanes: names,
    },
    `${options.validator} signs nothing new at or below nonce ${minimumNonce} on ${names.join(", ")}`,
  );
}
