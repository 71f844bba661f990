import type { DomainEvent, Emit } from "../domain/events.ts";
import type { Logger } from "./log.ts";

/** Writes events to the log, one line each, under the field `event`. */
export function logEvents(logger: Logger): Emit {
  return (event) => {
    if (event.kind === "deep-reorg") {
      const points = event.points.map(({ lane, nonce, messageId, position }) => ({
        lane,
        nonce: nonce.toString(),
        messageId,
        block: position.blockNumber,
      }));
      logger.fatal({ event: { ...event, points } }, sentence(event));
    } else logger[event.kind === "rpc-no-agreement" ? "error" : "warn"]({ event }, sentence(event));
  };
}

function sentence(event: DomainEvent): string {
  switch (event.kind) {
    case "rpc-outvoted":
      return `chain ${event.chain}: ${event.provider} contradicts the other providers about ${event.method}; nothing was founded on what it said`;
    case "rpc-no-agreement":
      return `chain ${event.chain}: fewer than ${event.needed} providers agree about ${event.method}; what needs it waits, and nothing is lost`;
    case "deep-reorg":
      return `chain ${event.chainId}: ${event.depth} blocks that were final by the configured rule are gone; ${event.points.length} points were withdrawn. Raise the chain's finality, and compare what was delivered with the chain`;
  }
}
