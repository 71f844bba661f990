/** A comment in Solidity's format, by its tags. */
export type NatSpec = {
  readonly title: string;
  readonly notice: string;
  readonly dev: string;
  /** In their order; names of parameters. */
  readonly params: readonly Named[];
  /** In their order; the text begins with the name where the value has one. */
  readonly returns: readonly string[];
  /** The contract whose comment it is, where it is inherited. */
  readonly inheritdoc: string;
};

type Named = { readonly name: string; readonly text: string };

/** @param comment without its slashes; what stands before the first tag is its notice */
export function parseNatSpec(comment: string): NatSpec {
  const words = comment.replaceAll(/\s+/g, " ").trim();
  const parts = words.split(/(?:^|\s)(?=@[a-z]+(?:\s|$))/).filter((part) => part !== "");
  const tagged = parts.map((part) => /^@([a-z]+)\s*(.*)$/.exec(part) ?? ["", "notice", part]);
  const of = (tag: string) => tagged.filter(([, name]) => name === tag).map(([, , text = ""]) => text);
  const named = (text: string): Named => {
    const [name = "", ...rest] = text.split(" ");
    return { name, text: rest.join(" ") };
  };
  return {
    title: of("title").join(" "),
    notice: of("notice").join(" "),
    dev: of("dev").join(" "),
    params: of("param").map(named),
    returns: of("return"),
    inheritdoc: of("inheritdoc").join(" "),
  };
}
