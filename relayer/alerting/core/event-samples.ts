import type { QueuedEvent } from "../../domain/event-schema.ts";
import type { OffencePlace, OffenceWindow } from "../../domain/events.ts";
import type { EventSample } from "./change.ts";
import type { Labels } from "./labels.ts";
import { METRIC_NAME } from "./promql.ts";

/** For how long an event counts unless it is told again, in milliseconds. What is told again and again is one alert. */
const HOLD_MILLISECONDS = 10 * 60_000;
/** Offences are facts that do not pass: people have a day to see them. */
const HOLD_OFFENCE_MILLISECONDS = 24 * 3_600_000;

/**
 * What rules can select of an event: `dchat_event{kind="rpc-outvoted", chain="A", provider="…"} 1`, for as long as it counts. Labels hold
 * what tells one cause from another, and nothing that changes each time.
 * @param now Unix milliseconds of the engine's clock
 */
export function samplesOf(event: QueuedEvent, now: number): readonly EventSample[] {
  const { labels, hold } = factsOf(event);
  const all = { [METRIC_NAME]: "dchat_event", kind: event.kind, ...labels };
  return [{ key: JSON.stringify(all), labels: all, value: 1, until: now + hold }];
}

function factsOf(event: QueuedEvent): { readonly labels: Labels; readonly hold: number } {
  switch (event.kind) {
    case "rpc-outvoted":
      return { labels: { chain: event.chain, provider: event.provider }, hold: HOLD_MILLISECONDS };
    case "rpc-no-agreement":
      return { labels: { chain: event.chain, reason: event.reason }, hold: HOLD_MILLISECONDS };
    case "deep-reorg":
      return { labels: { chain_id: String(event.chainId) }, hold: HOLD_OFFENCE_MILLISECONDS };
    case "offence-found":
    case "offence-punished":
    case "offence-refused":
      return {
        labels: { offence: event.offence, validator: event.validator, ...placeOf(event.where) },
        hold: HOLD_OFFENCE_MILLISECONDS,
      };
    case "validator-missing":
    case "validator-back":
      return { labels: { validator: event.validator }, hold: HOLD_MILLISECONDS };
  }
}

function placeOf(where: OffencePlace | OffenceWindow): Labels {
  return "lane" in where
    ? { lane: where.lane, nonce: where.nonce.toString() }
    : { epoch: where.epoch.toString(), first_point: String(where.firstPoint) };
}
