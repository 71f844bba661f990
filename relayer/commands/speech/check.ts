import { parseSsml } from "../../speech/core/ssml/parse.ts";
import { describeProblem } from "../../speech/core/utterance.ts";
import type { LocalContext } from "../context.ts";
import { readDocument } from "./input.ts";

/** `dchat speech check`: every problem of an SSML document. @returns whether there is none @throws UsageError `FILE` */
export async function check(file: string, { output }: LocalContext): Promise<boolean> {
  const { problems } = parseSsml(await readDocument(file));
  const name = file === "-" ? "standard input" : file;
  const text =
    problems.length === 0
      ? `${name} would be spoken`
      : problems.map((problem) => `${name}:${describeProblem(problem)}`).join("\n");
  output.result({ ok: problems.length === 0, problems }, text);
  return problems.length === 0;
}
