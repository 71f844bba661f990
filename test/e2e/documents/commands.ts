import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../relayer/support/processes.ts";

/** A command that a document tells its reader to run. */
export type DocumentedCommand = {
  readonly file: string;
  /** The line of the document that it begins on, from 1. */
  readonly line: number;
  /** Without its comment, and on one line. */
  readonly text: string;
};

/** Where documents are. */
const DOCUMENTS = ["*.md", "docs/**/*.md", "relayer/**/*.md", "web/*.md", "deploy/**/*.md", "bench/**/*.md"];

/** Every command of every document, in the order of the documents and their lines. */
export function documentedCommands(): readonly DocumentedCommand[] {
  const files = globSync(DOCUMENTS, { cwd: repository, exclude: ["**/node_modules/**"] });
  return files
    .sort()
    .flatMap((file) =>
      commandsOf(readFileSync(join(repository, file), "utf8")).map((each) => ({ file, ...each })),
    );
}

/** The commands in the fenced blocks of a document that say `sh`; what ends in a backslash goes on in the next line. */
export function commandsOf(markdown: string): readonly Omit<DocumentedCommand, "file">[] {
  const commands: { line: number; text: string }[] = [];
  let fence: string | undefined;
  let isShell = false;
  let begun: { line: number; text: string } | undefined;
  for (const [i, raw] of markdown.split("\n").entries()) {
    const mark = /^\s*(`{3,})(.*)$/.exec(raw);
    if (mark?.[1] !== undefined && (fence === undefined || raw.trim() === fence)) {
      isShell = fence === undefined && /^(sh|bash)\b/.test(mark[2] ?? "");
      fence = fence === undefined ? mark[1] : undefined;
      continue;
    }
    if (!isShell) continue;
    const text = withoutComment(raw).trim();
    const joined = begun === undefined ? { line: i + 1, text } : { ...begun, text: `${begun.text} ${text}` };
    if (text.endsWith("\\")) begun = { ...joined, text: joined.text.slice(0, -1).trim() };
    else {
      if (joined.text !== "") commands.push(joined);
      begun = undefined;
    }
  }
  return commands;
}

/** A line of shell up to a `#` that begins a word outside quotes. */
function withoutComment(line: string): string {
  const [kept = ""] = /^(?:"[^"]*"|'[^']*'|[^\s"']#*|\s+(?!#))*/.exec(line) ?? [];
  return /^\s*#/.test(line) ? "" : kept;
}
