/** Labels or annotations of an alert: names to values. Both are hostile text. */
export type Labels = Readonly<Record<string, string>>;

/** What one matcher compares a label with; a label that is missing counts as the empty text, as in Alertmanager. */
export type Matcher = {
  readonly name: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
};
