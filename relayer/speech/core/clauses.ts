/** Words that a new phrase begins with: a voice may take breath before them. */
const PHRASE_WORDS = [
  "and|or|but|because|which|that|after|before|since|while|until|in|on|at|for|from|with|by|to|of|has|have|is|are|was|were",
  // What those do of whom alerts tell: between subject and predicate.
  "did|does|do|will|can|cannot|needs|missed|signed|failed|fails|stopped|lost|sent|paid|took|fell|refused|reached|waits|waited",
].join("|");
const PHRASE = new RegExp(`\\s(?=(?:${PHRASE_WORDS})\\s)`, "g");

/** How long a clause may be, in characters: some three seconds, and 60 ms of work for the default voice. */
const MOST = 56;
/** How long the first one may be: until it is made, nothing is heard. */
const MOST_FIRST = 24;

/** A stretch that is synthesized at once, and what ends it. */
export type Clause = { readonly text: string; readonly end: "comma" | "colon" | "phrase" | "none" };

/**
 * Cuts a sentence where a speaker would take breath: at commas and colons, and, where that leaves long stretches, before the words
 * that phrases begin with. So the first sound is there soon, and an interruption never waits for long work.
 * @param isFirst nothing is heard before this sentence, so it begins with a short clause
 */
export function cutClauses(sentence: string, isFirst: boolean): readonly Clause[] {
  const parts = sentence.trim().split(/(?<=[,;:])\s+|\s+(?=[—–(])/);
  return parts.flatMap((part, index) => {
    const phrases = cutPhrases(part, isFirst && index === 0 ? MOST_FIRST : MOST);
    return phrases.map((text, at): Clause => {
      if (at < phrases.length - 1) return { text, end: "phrase" };
      if (index === parts.length - 1) return { text, end: "none" };
      return { text, end: /[:;]$/.test(text) ? "colon" : "comma" };
    });
  });
}

/** Cuts what is longer than `most`, the rest then by the usual bound. */
function cutPhrases(text: string, most: number): readonly string[] {
  const phrases: string[] = [];
  let rest = text;
  for (let bound = most; rest.length > bound; bound = MOST) {
    const at = cutAt(rest, bound);
    if (at === undefined) break;
    phrases.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return [...phrases, rest].filter((phrase) => phrase !== "");
}

/** Where to cut: before the last phrase word within the bound, else the first after it; a stretch without any is cut at a space, or hard. */
function cutAt(text: string, most: number): number | undefined {
  const places = [...text.matchAll(PHRASE)].map(({ index }) => index).filter((index) => index >= 8);
  const within = places.findLast((index) => index <= most);
  const found = within ?? places[0];
  if (found !== undefined && found <= 2 * MOST) return found;
  if (text.length <= 2 * MOST) return undefined;
  const space = text.lastIndexOf(" ", 2 * MOST);
  return space > 0 ? space : 2 * MOST;
}
