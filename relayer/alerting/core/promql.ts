import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";
import { explain } from "../../domain/errors.ts";
import { unquoteGo } from "./go-string.ts";
import type { Matcher } from "./labels.ts";
import { compileMatcher, matchesEmpty } from "./matchers.ts";
import { parseNumber } from "./number.ts";

/** The label that holds a metric's name. */
export const METRIC_NAME = "__name__";

/** What the six operators of PromQL compare. */
export type Comparison = ">" | "<" | "==" | "!=" | ">=" | "<=";

/** An expression that alerting evaluates. The metric's name is a matcher on `__name__`, as in Prometheus. */
export type Expression =
  | { readonly kind: "select"; readonly matchers: readonly Matcher[] }
  | {
      readonly kind: "compare";
      readonly matchers: readonly Matcher[];
      readonly comparison: Comparison;
      readonly threshold: number;
    }
  | { readonly kind: "absent"; readonly matchers: readonly Matcher[] };

/** Where in a text something is wrong: line and column from 1. */
export type Place = { readonly line: number; readonly column: number };

/** An expression, or why it is not taken. */
export type ParsedExpression = { readonly expression: Expression } | ({ readonly problem: string } & Place);

const SUPPORTED =
  "Supported: a selector, `selector OP number` with OP one of > < == != >= <=, and `absent(selector)`";

/** Go's limit of the length of what it compiles is far above; what is longer is no alerting rule. */
const MOST_LENGTH = 10_000;

class Refusal extends Error {
  readonly offset: number;
  constructor(problem: string, offset: number) {
    super(problem);
    this.offset = offset;
  }
}

/**
 * Reads an expression of PromQL that alerting can evaluate: a selector, a selector compared with a number on its right, or
 * `absent(selector)`. Everything else is refused with its place, and never read as something that it does not say.
 */
export function parseExpression(text: string): ParsedExpression {
  try {
    if (text.length > MOST_LENGTH)
      throw new Refusal(`The expression is longer than ${MOST_LENGTH} characters`, 0);
    return { expression: readExpression(text) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: error.message, ...placeOf(text, error.offset) };
  }
}

/** Line and column, from 1, of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function readExpression(text: string): Expression {
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ type, from, to }) => {
      if (!type.isError) return;
      const found = text.slice(from, to).trim();
      const what = found === "" ? "the expression ends too early" : `unexpected ${JSON.stringify(found)}`;
      throw new Refusal(`No PromQL: ${what}. ${SUPPORTED}`, from);
    },
  });
  const top = bare(tree.topNode.firstChild);
  if (top === null) throw new Refusal(`The expression is empty. ${SUPPORTED}`, 0);
  if (top.name === "VectorSelector") return { kind: "select", matchers: readSelector(top, text) };
  if (top.name === "BinaryExpr") return readComparison(top, text);
  if (top.name === "FunctionCall" && top.getChild("FunctionIdentifier")?.firstChild?.name === "Absent")
    return readAbsent(top, text);
  throw unsupported(top);
}

function unsupported({ name, from }: SyntaxNode): Refusal {
  return new Refusal(`${name} is PromQL that alerting does not evaluate yet. ${SUPPORTED}`, from);
}

/** Without the brackets around it, which change nothing, and the comments before it. */
function bare(node: SyntaxNode | null): SyntaxNode | null {
  let inner = node;
  while (inner !== null && (inner.name === "ParenExpr" || inner.name === "LineComment"))
    inner = inner.name === "ParenExpr" ? inner.firstChild : inner.nextSibling;
  return inner;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Gtr: ">",
  Lss: "<",
  Eql: "==",
  Neq: "!=",
  Gte: ">=",
  Lte: "<=",
};

function readComparison(node: SyntaxNode, text: string): Expression {
  const [left, operator, right, ...more] = childrenOf(node);
  if (left === undefined || operator === undefined || right === undefined) throw unsupported(node);
  const comparison = COMPARISONS[operator.name];
  if (comparison === undefined)
    throw new Refusal(
      `The operator ${text.slice(operator.from, operator.to)} is PromQL that alerting does not evaluate yet. ${SUPPORTED}`,
      operator.from,
    );
  if (more.length > 0)
    throw new Refusal(
      `${text.slice(right.from, right.to)} changes what is compared, which alerting does not evaluate yet. ${SUPPORTED}`,
      right.from,
    );
  const selector = bare(left);
  const number = bare(right);
  if (selector?.name !== "VectorSelector")
    throw new Refusal(`To the left of ${comparison} there has to be a selector. ${SUPPORTED}`, left.from);
  if (number === null || !isNumber(number))
    throw new Refusal(`To the right of ${comparison} there has to be a number. ${SUPPORTED}`, right.from);
  const threshold = readNumber(number, text);
  return { kind: "compare", matchers: readSelector(selector, text), comparison, threshold };
}

function isNumber({ name, lastChild }: SyntaxNode): boolean {
  return (
    name === "NumberDurationLiteral" || (name === "UnaryExpr" && lastChild?.name === "NumberDurationLiteral")
  );
}

function readNumber({ from, to }: SyntaxNode, text: string): number {
  const literal = text.slice(from, to);
  const value = parseNumber(literal);
  if (value === undefined) throw new Refusal(`${literal} is no number`, from);
  return value;
}

function readAbsent(node: SyntaxNode, text: string): Expression {
  const body = node.getChild("FunctionCallBody");
  const args = body === null ? [] : childrenOf(body);
  const selector = bare(args[0] ?? null);
  if (args.length !== 1 || selector?.name !== "VectorSelector")
    throw new Refusal(`absent takes one selector. ${SUPPORTED}`, body?.from ?? node.from);
  return { kind: "absent", matchers: readSelector(selector, text) };
}

function readSelector(node: SyntaxNode, text: string): readonly Matcher[] {
  const matchers: Matcher[] = [];
  const identifier = node.getChild("Identifier");
  if (identifier !== null)
    matchers.push({ name: METRIC_NAME, operator: "=", value: text.slice(identifier.from, identifier.to) });
  for (const child of childrenOf(node.getChild("LabelMatchers"))) {
    const matcher = readMatcher(child, text);
    if (
      matcher.name === METRIC_NAME &&
      matchers.some(({ name, operator }) => name === METRIC_NAME && operator === "=")
    )
      throw new Refusal("The metric's name is said twice", child.from);
    matchers.push(matcher);
  }
  if (matchers.every((matcher) => matchesEmpty([matcher])))
    throw new Refusal(
      "The selector fits every series: it needs a metric's name, or a matcher that the empty text does not fit",
      node.from,
    );
  return matchers;
}

function readMatcher(node: SyntaxNode, text: string): Matcher {
  const slice = ({ from, to }: SyntaxNode) => text.slice(from, to);
  if (node.name === "QuotedLabelName")
    return { name: METRIC_NAME, operator: "=", value: readString(node, text) };
  const [label, operatorNode, valueNode] = childrenOf(node);
  if (label === undefined || operatorNode === undefined || valueNode === undefined) throw unsupported(node);
  const name = label.name === "QuotedLabelName" ? readString(label, text) : slice(label);
  const operator = slice(operatorNode);
  if (operator !== "=" && operator !== "!=" && operator !== "=~" && operator !== "!~")
    throw unsupported(operatorNode);
  if (name === "" || (label.name === "LabelName" && !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)))
    throw new Refusal(`${JSON.stringify(name)} is no name of a label`, label.from);
  const matcher: Matcher = { name, operator, value: readString(valueNode, text) };
  try {
    compileMatcher(matcher);
  } catch (error) {
    throw new Refusal(`The pattern is no RE2 expression: ${explain(error)}`, valueNode.from);
  }
  return matcher;
}

function readString({ from, to }: SyntaxNode, text: string): string {
  const value = unquoteGo(text.slice(from, to));
  if (value === undefined)
    throw new Refusal("The text in quotes is not closed, or has an escape that Go does not know", from);
  return value;
}

function childrenOf(node: SyntaxNode | null): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling)
    if (child.name !== "LineComment") children.push(child);
  return children;
}
