import { format, print } from "./template-functions.ts";
import { type Expression, type Node, parse } from "./template-parser.ts";
import { elementsOf, fieldOf, isTrue, type Message, type Sample, type Value } from "./template-values.ts";

export { TemplateError } from "./template-lexer.ts";
export type { Message, Sample } from "./template-values.ts";

/**
 * A piece of what a template gives. A literal was written by the operator, a value came from an alert and is hostile: whoever sends the
 * text escapes values, or all of it, as its medium needs.
 */
export type Segment = { readonly kind: "literal" | "value"; readonly text: string };

/** A checked template of an annotation or a label of a rule. */
export type RuleTemplate = { readonly of: "sample"; readonly nodes: readonly Node[] };
/** A checked template of a message of a receiver. */
export type MessageTemplate = {
  readonly of: "message";
  readonly source: string;
  readonly nodes: readonly Node[];
};

/** How much a template may give and do. What is beyond is cut off, and "…" says so. */
export type Bounds = { readonly characters: number; readonly steps: number };

const DEFAULT_BOUNDS: Bounds = { characters: 32_768, steps: 100_000 };

/**
 * Reads the template of an annotation or a label of a rule: `{{ $labels.x }}`, `{{ $value | humanize }}`…
 * @throws TemplateError with the place of what is not in the supported subset
 */
export function parseRuleTemplate(source: string): RuleTemplate {
  return { of: "sample", nodes: parse(source, "sample") };
}

/**
 * Reads the template of a receiver's text: `{{ .CommonLabels.x }}`, `{{ range .Alerts }}…{{ end }}`…
 * @throws TemplateError with the place of what is not in the supported subset
 */
export function parseMessageTemplate(source: string): MessageTemplate {
  return { of: "message", source, nodes: parse(source, "message") };
}

/**
 * What a template of a rule gives for a sample. Never throws for what is in the sample: where the template cannot be carried out
 * (`index` past the end, a text that is no number), the result says so, as Prometheus's does.
 */
export function renderRule(template: RuleTemplate, sample: Sample, bounds = DEFAULT_BOUNDS): string {
  return plainText(render(template.nodes, { kind: "sample", sample }, bounds));
}

/** What a template of a message gives, in segments. As {@link renderRule}, it never throws for what is in the message. */
export function renderMessage(
  template: MessageTemplate,
  message: Message,
  bounds = DEFAULT_BOUNDS,
): readonly Segment[] {
  return render(template.nodes, { kind: "message", message }, bounds);
}

/** Segments as one text, nothing escaped. */
export function plainText(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.text).join("");
}

function render(nodes: readonly Node[], root: Value, bounds: Bounds): readonly Segment[] {
  const renderer = new Renderer(root, bounds);
  try {
    renderer.run(nodes, root);
  } catch (error) {
    if (error instanceof BoundReached) renderer.segments.push({ kind: "literal", text: "…" });
    else if (error instanceof RangeError)
      return [{ kind: "value", text: `<error expanding template: ${error.message}>` }];
    else throw error;
  }
  return renderer.segments;
}

class BoundReached extends Error {}

class Renderer {
  readonly segments: Segment[] = [];
  readonly #root: Value;
  #characters: number;
  #steps: number;

  constructor(root: Value, bounds: Bounds) {
    this.#root = root;
    this.#characters = bounds.characters;
    this.#steps = bounds.steps;
  }

  run(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) {
      this.#step();
      if (node.is === "text") this.#write("literal", node.text);
      else if (node.is === "print") this.#write("value", print(this.#evaluate(node.value, dot)));
      else this.#block(node, dot);
    }
  }

  #block(node: Exclude<Node, { readonly is: "text" | "print" }>, dot: Value): void {
    const value = this.#evaluate(node.value, dot);
    if (!isTrue(value)) this.run(node.otherwise, dot);
    else if (node.is === "range") for (const element of elementsOf(value)) this.run(node.body, element);
    else this.run(node.body, node.is === "with" ? value : dot);
  }

  #evaluate(expression: Expression, dot: Value): Value {
    this.#step();
    switch (expression.is) {
      case "constant":
        return expression.value;
      case "dot":
        return dot;
      case "root":
        return this.#root;
      case "fields":
        return expression.fields.reduce(fieldOf, this.#evaluate(expression.of, dot));
      case "printf":
        return { kind: "text", text: format(expression.parts, this.#all(expression.values, dot)) };
      case "call":
        return expression.run(this.#arguments(expression, dot));
    }
  }

  #all(values: readonly Expression[], dot: Value): readonly Value[] {
    return values.map((value) => this.#evaluate(value, dot));
  }

  /** The values of a call. `and` and `or` look no further than the first that decides. */
  #arguments(call: Expression & { readonly is: "call" }, dot: Value): readonly Value[] {
    if (call.name !== "and" && call.name !== "or") return this.#all(call.values, dot);
    const values: Value[] = [];
    for (const expression of call.values) {
      const value = this.#evaluate(expression, dot);
      values.push(value);
      if (isTrue(value) === (call.name === "or")) break;
    }
    return values;
  }

  #step(): void {
    this.#steps -= 1;
    if (this.#steps < 0) throw new BoundReached();
  }

  #write(kind: Segment["kind"], text: string): void {
    const cut = text.slice(0, this.#characters).replace(/[\uD800-\uDBFF]$/, "");
    if (text !== "") this.segments.push({ kind, text: cut });
    if (cut.length < text.length) throw new BoundReached();
    this.#characters -= text.length;
  }
}
