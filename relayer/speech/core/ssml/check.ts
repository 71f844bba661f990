import { ELEMENTS, type ElementRule, REFUSED, REFUSED_ATTRIBUTES, SSML_NAMESPACE } from "./grammar.ts";

/** What is wrong with an element or a text. */
export type Complaint = {
  readonly message: string;
  readonly allowed?: readonly string[];
  /** The element itself may not be there, so nothing inside it is judged. */
  readonly isAboutElement?: true;
};

/** Where an element stands. */
export type Place = {
  /** `undefined` for the root. */
  readonly parent: string | undefined;
  /** Whether the document is in SSML's namespace; one in no namespace need not say its version and language. */
  readonly isInNamespace: boolean;
  /** The ids so far. */
  readonly ids: Set<string>;
};

/** What W3C's schema for documents in SSML's namespace requires, and the one for those in none does not. */
const REQUIRED_IN_NAMESPACE: ReadonlyMap<string, readonly string[]> = new Map([
  ["speak", ["version", "xml:lang"]],
  ["mark", ["name"]],
]);

const NONE: readonly Complaint[] = [];

type Attributes = Readonly<Record<string, string>>;

/** How much of a value is told back. */
const MOST_QUOTED = 40;

/** Everything that is wrong with an element where it stands, and with its attributes. */
export function checkElement(name: string, attributes: Attributes, place: Place): readonly Complaint[] {
  const misplaced = checkPlace(name, place.parent);
  if (misplaced !== undefined) return [misplaced];
  const rule = ELEMENTS.get(name);
  if (rule === undefined) return [];
  const complaints = Object.entries(attributes).flatMap(
    ([attribute, value]) => checkAttribute(name, rule, attribute, value, { attributes, place }) ?? [],
  );
  const required = place.isInNamespace ? (REQUIRED_IN_NAMESPACE.get(name) ?? rule.required) : rule.required;
  const missing = required.filter((attribute) => !Object.hasOwn(attributes, attribute));
  if (complaints.length + missing.length === 0) return NONE;
  return [
    ...complaints,
    ...missing.map((attribute) => ({ message: `<${name}> needs the attribute ${attribute}` })),
  ];
}

/** What is wrong with a text inside an element. */
export function checkText(parent: string, text: string): Complaint | undefined {
  if (ELEMENTS.get(parent)?.hasText !== false || /^[ \t\r\n]*$/.test(text)) return undefined;
  return { message: `<${parent}> holds no text` };
}

function checkPlace(name: string, parent: string | undefined): Complaint | undefined {
  const shown = quote(name);
  if (parent === undefined)
    return name === "speak"
      ? undefined
      : { message: `the document begins with <${shown}>`, allowed: ["speak"], isAboutElement: true };
  const children = ELEMENTS.get(parent)?.children ?? new Set();
  if (children.has(name)) return undefined;
  const why = REFUSED.get(name);
  const allowed = [...children].sort();
  if (why !== undefined) return { message: `<${shown}> is refused: ${why}`, allowed, isAboutElement: true };
  const message = ELEMENTS.has(name)
    ? `<${shown}> may not stand in <${parent}>`
    : `there is no element <${shown}> in SSML 1.1`;
  return { message, allowed, isAboutElement: true };
}

function checkAttribute(
  element: string,
  rule: ElementRule,
  attribute: string,
  value: string,
  { attributes, place }: { readonly attributes: Attributes; readonly place: Place },
): Complaint | undefined {
  if (attribute === "xmlns" || attribute.startsWith("xmlns:") || attribute.startsWith("xsi:"))
    return checkNamespace(element, attribute, value, attributes);
  const known = rule.attributes.get(attribute);
  if (known === undefined) {
    const why = REFUSED_ATTRIBUTES.get(attribute);
    const shown = `${quote(attribute)} on <${element}>`;
    return {
      message: why === undefined ? `there is no attribute ${shown}` : `${shown} is refused: ${why}`,
      allowed: [...rule.attributes.keys()],
    };
  }
  if (!known.isRight(value))
    return { message: `${attribute}="${quote(value)}" on <${element}>`, allowed: [known.expected] };
  if (attribute !== "xml:id") return undefined;
  if (place.ids.has(value)) return { message: `xml:id="${quote(value)}" is used twice` };
  place.ids.add(value);
  return undefined;
}

/** A document is in SSML's namespace, or in none, and says so on its root; where its schema lies is allowed there, and ignored. */
function checkNamespace(
  element: string,
  attribute: string,
  value: string,
  attributes: Attributes,
): Complaint | undefined {
  if (attribute === "xmlns" && value === SSML_NAMESPACE && element === "speak") return undefined;
  const isSchemaHint =
    element === "speak" &&
    (attribute === "xmlns:xsi"
      ? value === "http://www.w3.org/2001/XMLSchema-instance"
      : attribute === "xsi:schemaLocation" && Object.hasOwn(attributes, "xmlns:xsi"));
  if (isSchemaHint) return undefined;
  return {
    message: `${quote(attribute)}="${quote(value)}" on <${element}>: other namespaces are refused`,
    allowed: [`xmlns="${SSML_NAMESPACE}" on <speak>`],
  };
}

function quote(text: string): string {
  return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
}
