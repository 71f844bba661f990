import type { NatSpec } from "./natspec.ts";
import type { Item, Unit } from "./solidity.ts";

/** @returns a sentence for everything that is offered and not documented */
export function findUndocumented(units: readonly Unit[]): readonly string[] {
  return units.flatMap(({ file, kind, name, comment, items }) => [
    ...(kind === "types" || isSaid(comment) ? [] : [`${file}: ${kind} ${name} has no NatSpec.`]),
    ...items
      .filter((item) => !isSaid(item.comment))
      .map((item) => `${file}: ${item.kind} ${name === "" ? "" : `${name}.`}${item.name} has no NatSpec.`),
  ]);
}

function isSaid(comment: NatSpec | undefined): boolean {
  return (
    comment !== undefined &&
    [comment.title, comment.notice, comment.dev, comment.inheritdoc].some((text) => text !== "")
  );
}

const HEADINGS: readonly (readonly [kind: string, heading: string])[] = [
  ["type", "Types"],
  ["enum", "Enums"],
  ["struct", "Structs"],
  ["function", "Functions"],
  ["variable", "Values"],
  ["event", "Events"],
  ["error", "Errors"],
];

/** One page in Markdown of one contract, or of the types of a file. */
export function pageOf({ file, kind, name, comment, items }: Unit): string {
  const title = name === "" ? `Types of ${file.split("/").at(-1) ?? file}` : name;
  const said = kind === "types" ? [] : [`${capital(kind)}, \`${file}\`.`];
  return [
    `# ${title}`,
    ...(kind === "types" ? [`\`${file}\``] : said),
    ...(comment === undefined ? [] : proseOf(comment, true)),
    ...HEADINGS.flatMap(([sort, heading]) =>
      section(
        heading,
        items.filter((item) => item.kind === sort),
      ),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function section(heading: string, items: readonly Item[]): readonly string[] {
  if (items.length === 0) return [];
  return [
    `## ${heading}`,
    ...items.flatMap(({ name, declaration, comment }) => [
      `### ${name}`,
      ...(comment === undefined ? [] : proseOf(comment, false)),
      `\`\`\`solidity\n${declaration}\n\`\`\``,
      ...(comment === undefined ? [] : listOf(comment)),
    ]),
  ];
}

function proseOf({ title, notice, dev, inheritdoc }: NatSpec, isContract: boolean): readonly string[] {
  const inherited = inheritdoc === "" ? [] : [`As in \`${inheritdoc}\`.`];
  const own = [...(isContract && title !== "" ? [`**${title}.**`] : []), notice, dev];
  return [...own, ...inherited].filter((text) => text !== "").map(markReferences);
}

function listOf({ params, returns }: NatSpec): readonly string[] {
  const lines = [
    ...params.map(({ name, text }) => `- \`${name}\`: ${markReferences(text)}`),
    ...returns.map((text) => `- returns ${markReferences(text)}`),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** NatSpec's `{Name}` as code: Markdown knows no such reference. */
function markReferences(text: string): string {
  return text.replaceAll(/\{([\w.-]+)\}/g, "`$1`").replaceAll("<", "&lt;");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
