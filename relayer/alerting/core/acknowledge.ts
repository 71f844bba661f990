/** Somebody took an episode over: it escalates no further and is not repeated. Times in Unix milliseconds. */
export type Acknowledgement = {
  readonly episode: string;
  readonly fingerprint: string;
  readonly by: string;
  readonly comment: string;
  readonly at: number;
  /** When it no longer counts; undefined: it holds as long as the episode. */
  readonly until: number | undefined;
};

/** Whether an acknowledgement counts. */
export function isInForce(acknowledgement: Acknowledgement | undefined, now: number): boolean {
  return (
    acknowledgement !== undefined && (acknowledgement.until === undefined || acknowledgement.until > now)
  );
}
