import type { DomainEvent, Emit, FoundOffence } from "../domain/events.ts";
import type { Logger } from "./log.ts";

/** How bad each kind of event is. */
const LEVELS = {
  "rpc-outvoted": "warn",
  "rpc-no-agreement": "error",
  "deep-reorg": "fatal",
  "offence-found": "fatal",
  "offence-punished": "warn",
  "offence-refused": "error",
  "validator-missing": "error",
  "validator-back": "warn",
} as const;

/** Writes events to the log, one line each, under the field `event`. */
export function logEvents(logger: Logger): Emit {
  return (event) => {
    logger[LEVELS[event.kind]]({ event: fieldsOf(event) }, sentence(event));
  };
}

/** An event as JSON can hold it. */
function fieldsOf(event: DomainEvent): object {
  switch (event.kind) {
    case "rpc-outvoted":
    case "rpc-no-agreement":
      return event;
    case "deep-reorg": {
      const points = event.points.map(({ lane, nonce, messageId, position }) => ({
        lane,
        nonce: nonce.toString(),
        messageId,
        block: position.blockNumber,
      }));
      return { ...event, points };
    }
    case "offence-found":
    case "offence-refused":
      return { ...event, where: whereFields(event) };
    case "offence-punished":
      return { ...event, where: whereFields(event), taken: event.taken.toString() };
    case "validator-missing":
    case "validator-back":
      return { ...event, epoch: event.epoch.toString() };
  }
}

function whereFields({ where }: FoundOffence): object {
  return "lane" in where
    ? { ...where, nonce: where.nonce.toString() }
    : { ...where, epoch: where.epoch.toString() };
}

function whereOf({ where }: FoundOffence): string {
  return "lane" in where
    ? `at nonce ${where.nonce} of lane ${where.lane}`
    : `in the points from ${where.firstPoint} on of epoch ${where.epoch}`;
}

function sentence(event: DomainEvent): string {
  switch (event.kind) {
    case "rpc-outvoted":
      return `chain ${event.chain}: ${event.provider} contradicts the other providers about ${event.method}; nothing was founded on what it said`;
    case "rpc-no-agreement":
      return `chain ${event.chain}: fewer than ${event.needed} providers agree about ${event.method}; what needs it waits, and nothing is lost`;
    case "deep-reorg":
      return `chain ${event.chainId}: ${event.depth} blocks that were final by the configured rule are gone; ${event.points.length} points were withdrawn. Raise the chain's finality, and compare what was delivered with the chain`;
    case "offence-found":
      return `validator ${event.validator} committed ${event.offence} ${whereOf(event)}; the evidence is recorded and is being reported`;
    case "offence-punished":
      return `validator ${event.validator} was punished for ${event.offence} ${whereOf(event)}: its bond lost ${event.taken}, on the report of ${event.reporter}`;
    case "offence-refused":
      return `the evidence of ${event.offence} by validator ${event.validator} ${whereOf(event)} is refused: ${event.reason}; nobody was punished. It stays in the watchtower's record`;
    case "validator-missing":
      return `validator ${event.validator} is missing at ${event.missed} of the last ${event.points} points of epoch ${event.epoch}; transfers go on while the others are a quorum. If it is yours, start its signer: more than half of 100 points cost a part of its bond`;
    case "validator-back":
      return `validator ${event.validator} attests again: it is missing at ${event.missed} of the last ${event.points} points of epoch ${event.epoch}`;
  }
}
