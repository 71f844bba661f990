/**
 * A text that nobody may see by accident: it writes itself as `<secret>` into JSON, templates, logs and the console. Only
 * {@link reveal} gives it away, and only what sends it calls that.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "<secret>";
  }

  toJSON(): string {
    return "<secret>";
  }

  /** What `console.log` and Node's errors show. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "<secret>";
  }
}
