import { isError } from "ethers";
import { nodesOwnWords } from "../chain-answer.ts";

/** How nodes say that they have no block under a tag yet: on a chain that has just begun. */
const NOT_YET =
  /(finalized|safe|requested|unknown) block( is)?( was)? ?(not found|not available)?|block not found|-39001/i;
/** How nodes say that they do not know a tag. */
const UNKNOWN =
  /invalid (argument|params|parameters|input|block (tag|number|param))|hex string without 0x|unknown block ?tag|unsupported|not supported|pre-merge/i;

/** What a node's refusal of a finality tag means; undefined when it means neither. */
export function tagRefusal(error: unknown): "not-yet" | "unknown-tag" | undefined {
  if (!(error instanceof Error)) return undefined;
  const words = nodesOwnWords(error);
  if (words === "" && !isError(error, "UNKNOWN_ERROR")) return undefined;
  const text = words === "" ? error.message : words;
  if (UNKNOWN.test(text)) return "unknown-tag";
  return NOT_YET.test(text) ? "not-yet" : undefined;
}
