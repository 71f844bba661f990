import Table from "cli-table3";

/** A number as people write it, perhaps as a bound; or nothing. */
const NUMBER = /^([≤≥] )?[\d,]*(\.\d+)?$/;

/** Rows of text in columns, without lines between; whatever looks like a number stands to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (_: string, column: number) => rows.every((row) => NUMBER.test(row[column] ?? ""));
  const none = Object.fromEntries(
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
      .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
      .map((part) => [part, ""]),
  );
  const made = new Table({
    head: [...head],
    colAligns: head.map((name, i) => (isNumber(name, i) ? "right" : "left")),
    chars: { ...none, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString().replace(/ +$/gm, "");
}
