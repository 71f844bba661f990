import { z } from "zod";
import {
  acknowledged,
  alertGroups,
  type Escalation,
  escalationList,
  historyPage,
  type HistoryPage,
  silenceList,
  type Silence,
  silenceMade,
  silencePreview,
  type Alert,
} from "../core/alert-schema.ts";
import { type ReadGroup, readGroups } from "../core/alerts.ts";
import { bodyOf, matchersOf, type SilenceForm } from "../core/silence.ts";
import { change, read, session } from "./session.ts";

const V2 = "/api/v1/alerting/v2";
const V1 = "/api/v1/alerting/v1";
const HISTORY_ROWS = 200;

/** Every method throws ApiError. */
export const alerting = {
  groups: async (): Promise<readonly ReadGroup[]> =>
    readGroups(await read(`${V2}/alerts/groups`, alertGroups)),
  silences: (): Promise<readonly Silence[]> => read(`${V2}/silences`, silenceList),
  escalations: async (): Promise<readonly Escalation[]> =>
    (await read(`${V1}/escalations`, escalationList)).escalations,
  /** What a silence would hide, without making it. */
  preview: async (form: SilenceForm): Promise<readonly Alert[]> => {
    const body = { matchers: matchersOf(form) };
    return (await change(`${V1}/silences/preview`, silencePreview, { method: "POST", body })).alerts;
  },
  silence: async (form: SilenceForm): Promise<void> => {
    const body = bodyOf(form, session.value?.user.name ?? "", Date.now());
    await change(`${V2}/silences`, silenceMade, { method: "POST", body });
  },
  expire: async (id: string): Promise<void> => {
    await change(`${V2}/silence/${id}`, z.unknown(), { method: "DELETE" });
  },
  /** @param minutes until it is given back; undefined: until it is resolved */
  acknowledge: async (fingerprint: string, comment: string, minutes: number | undefined): Promise<void> => {
    const until =
      minutes === undefined ? {} : { until: new Date(Date.now() + minutes * 60_000).toISOString() };
    const body = { fingerprints: [fingerprint], comment, ...until };
    await change(`${V1}/acknowledgements`, acknowledged, { method: "POST", body });
  },
  giveBack: async (fingerprint: string): Promise<void> => {
    const body = { fingerprints: [fingerprint] };
    await change(`${V1}/acknowledgements`, acknowledged, { method: "DELETE", body });
  },
  history: (): Promise<HistoryPage> => read(`${V1}/history?limit=${HISTORY_ROWS}`, historyPage),
};
