import type { GuardedHttp } from "./guarded-http.ts";

/** What channels that speak HTTP share. */
export type HttpChannelParts = {
  readonly http: GuardedHttp;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Where people look alerts up; empty if nowhere. */
  readonly externalUrl: string;
};
