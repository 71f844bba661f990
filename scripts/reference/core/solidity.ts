import { z } from "zod";
import { type NatSpec, parseNatSpec } from "./natspec.ts";

const node = z.looseObject({
  nodeType: z.string(),
  name: z.string().default(""),
  src: z.string(),
  contractKind: z.string().optional(),
  kind: z.string().optional(),
  visibility: z.string().optional(),
  documentation: z.object({ text: z.string() }).nullish(),
  nodes: z.array(z.unknown()).default([]),
});
type Node = z.infer<typeof node>;

/** What the compiler says of one source file. */
export const sourceSchema = z.object({ ast: node });

/** Something that is written down in a contract: a function, an event, an error, a type… */
export type Item = {
  readonly kind: string;
  readonly name: string;
  /** As it stands in the source, without its body. */
  readonly declaration: string;
  /** undefined: it has none */
  readonly comment: NatSpec | undefined;
};

/** A contract, interface or library with what it offers, or the types that a file declares outside of any (`name` is empty then). */
export type Unit = {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly comment: NatSpec | undefined;
  readonly items: readonly Item[];
};

const SORTS: Readonly<Record<string, string>> = {
  FunctionDefinition: "function",
  EventDefinition: "event",
  ErrorDefinition: "error",
  StructDefinition: "struct",
  EnumDefinition: "enum",
  VariableDeclaration: "variable",
  UserDefinedValueTypeDefinition: "type",
};

/**
 * What a source file offers to those who call its contracts: nothing internal, and no constructors.
 * @param file its path in the repository
 * @param text the source
 * @param source what the compiler says of it
 */
export function unitsOf(file: string, text: string, source: z.infer<typeof sourceSchema>): readonly Unit[] {
  const bytes = Buffer.from(text);
  const all = source.ast.nodes.map((each) => node.parse(each));
  const types = itemsOf(all, bytes);
  const contracts = all
    .filter(({ nodeType }) => nodeType === "ContractDefinition")
    .map((contract) => ({
      file,
      kind: contract.contractKind ?? "contract",
      name: contract.name,
      comment: commentOf(contract, bytes),
      items: itemsOf(
        contract.nodes.map((each) => node.parse(each)),
        bytes,
      ),
    }));
  return types.length === 0
    ? contracts
    : [{ file, kind: "types", name: "", comment: undefined, items: types }, ...contracts];
}

function itemsOf(nodes: readonly Node[], bytes: Buffer): readonly Item[] {
  return nodes.filter(isOffered).map((each) => ({
    kind: SORTS[each.nodeType] ?? each.nodeType,
    // Of `receive` and `fallback` the kind is the name.
    name: each.name === "" ? (each.kind ?? "") : each.name,
    declaration: declarationOf(each, bytes),
    comment: commentOf(each, bytes),
  }));
}

function isOffered({ nodeType, visibility, kind }: Node): boolean {
  if (nodeType === "FunctionDefinition")
    return (visibility === "external" || visibility === "public") && kind !== "constructor";
  if (nodeType === "VariableDeclaration") return visibility === "public";
  return SORTS[nodeType] !== undefined;
}

/** The comment that the compiler has, or for types to which it gives none, the lines above. */
function commentOf(each: Node, bytes: Buffer): NatSpec | undefined {
  if (each.documentation != null) return parseNatSpec(each.documentation.text);
  if (each.nodeType !== "UserDefinedValueTypeDefinition") return undefined;
  const above = bytes.subarray(0, placeOf(each).start).toString("utf8").trimEnd().split("\n");
  const isComment = (line: string) => /^\s*\/\/\/ ?/.test(line);
  const last = above.findLastIndex((line) => !isComment(line));
  const comment = above.slice(last + 1).map((line) => line.replace(/^\s*\/\/\/ ?/, ""));
  return comment.length === 0 ? undefined : parseNatSpec(comment.join("\n"));
}

function placeOf({ src }: Node): { readonly start: number; readonly end: number } {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return { start, end: start + length };
}

/** As written, up to a body; indented as at the left margin. */
function declarationOf(each: Node, bytes: Buffer): string {
  const { start, end } = placeOf(each);
  const text = bytes.subarray(start, end).toString("utf8");
  const isWhole = each.nodeType === "StructDefinition" || each.nodeType === "EnumDefinition";
  const head = isWhole ? text : (text.split("{")[0] ?? text).trim();
  const margin = Math.min(
    ...head
      .split("\n")
      .slice(1)
      .map((line) => line.length - line.trimStart().length),
  );
  const lines = head
    .split("\n")
    .map((line, i) => (i === 0 || !Number.isFinite(margin) ? line : line.slice(margin)));
  const code = lines.join("\n").trim();
  return isWhole || code.endsWith(";") ? code : `${code};`;
}
