import { RE2JS } from "re2js";

/** How long a pattern may be, in UTF-16 units; Prometheus's own are far shorter, and a compiled pattern costs memory. */
const MOST_PATTERN_LENGTH = 4_096;
/** How many instructions a compiled pattern may have: repetitions of repetitions make long programs out of short texts. */
const MOST_INSTRUCTIONS = 20_000;

/**
 * A regular expression as Prometheus and Alertmanager have them: RE2, which takes time linear in the text whatever the pattern is,
 * and anchored at both ends.
 * @throws Error saying what is wrong with the pattern
 */
export function compileAnchored(pattern: string): (text: string) => boolean {
  if (pattern.length > MOST_PATTERN_LENGTH)
    throw new Error(
      `the pattern is ${pattern.length} characters long; at most ${MOST_PATTERN_LENGTH} are taken`,
    );
  RE2JS.compile(pattern); // The brackets around it must not make something valid that is not: `)(`.
  const compiled = RE2JS.compile(`^(?:${pattern})$`);
  if (compiled.programSize() > MOST_INSTRUCTIONS) throw new Error("the pattern repeats too much");
  return (text) => compiled.testExact(text);
}
