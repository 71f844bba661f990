import { FatalError } from "../../domain/errors.ts";
import { type UtteranceRequest, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import type { Emphasis, SayAsKind } from "./ssml/document.ts";
import { escapeForSsml, readUtterance } from "./utterance.ts";

/**
 * Puts an utterance together, piece by piece. Text is said, whatever is in it; the whole is held to what any other request is held
 * to when it is built.
 */
export class UtteranceBuilder {
  readonly #parts: string[] = [];

  text(text: string): this {
    return this.#add(escapeForSsml(text));
  }

  /** @param build says what is in it */
  sentence(build: (inner: UtteranceBuilder) => void): this {
    return this.#element("s", {}, build);
  }

  /** @param build says what is in it: text and sentences */
  paragraph(build: (inner: UtteranceBuilder) => void): this {
    return this.#element("p", {}, build);
  }

  /** @param milliseconds up to 10,000, and 60,000 in the whole utterance */
  pause(milliseconds: number): this {
    return this.#add(`<break time="${milliseconds}ms"/>`);
  }

  emphasis(level: Emphasis, text: string): this {
    return this.#element("emphasis", { level }, (inner) => inner.text(text));
  }

  /** Text of a kind, such as digits that are said one by one. */
  sayAs(kind: SayAsKind, text: string): this {
    return this.#element("say-as", { "interpret-as": kind }, (inner) => inner.text(text));
  }

  /** @param name a voice's name or id; where nobody has it, another voice speaks, and a note says so */
  voice(name: string, build: (inner: UtteranceBuilder) => void): this {
    // White space would part it into several names.
    return this.#element("voice", { name: name.replace(/\s/g, "_") }, build);
  }

  /** The SSML document so far. */
  document(): string {
    return `<speak>${this.#parts.join("")}</speak>`;
  }

  /**
   * The request, as whoever wants something said adds it to the queue.
   * @throws FatalError `UTTERANCE` when the rest of the request is not as the schema has it, `SSML` when the document is refused
   */
  build(rest: { readonly id: string } & Readonly<Record<string, unknown>>): UtteranceRequest {
    const parsed = utteranceRequestSchema.safeParse({ ...rest, ssml: this.document() });
    if (!parsed.success)
      throw new FatalError(
        "UTTERANCE",
        `Utterance ${rest.id} cannot be said: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}. Nothing is spoken.`,
      );
    readUtterance(parsed.data);
    return parsed.data;
  }

  #element(
    name: string,
    attributes: Readonly<Record<string, string>>,
    build: (inner: UtteranceBuilder) => void,
  ): this {
    const inner = new UtteranceBuilder();
    build(inner);
    const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeForSsml(value)}"`);
    return this.#add(`<${name}${given.join("")}>${inner.#parts.join("")}</${name}>`);
  }

  #add(part: string): this {
    this.#parts.push(part);
    return this;
  }
}
