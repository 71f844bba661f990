/** What alerting asks to be said aloud. The speech subsystem decides when and how. */
export type Utterance = {
  /** The same at each attempt: what was said once is not said again. */
  readonly id: string;
  /** Plain words, without markup: `&`, `<` and `>` are written out. */
  readonly text: string;
  readonly priority: "urgent" | "high" | "normal" | "low";
  /** The same for everything about one group of alerts: what is newer may take the place of what was not said yet. */
  readonly key: string;
  /** What all alerts that fire are about, for a digest when there are too many to be said one by one; none where nothing fires. */
  readonly labels: Readonly<Record<string, string>>;
  /** When it is not worth saying any more, Unix milliseconds. */
  readonly expiresAt: number;
};
