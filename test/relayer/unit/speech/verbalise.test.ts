import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { SayAs } from "../../../../relayer/speech/core/ssml/document.ts";
import { saySpecially } from "../../../../relayer/speech/core/verbalise/say-as.ts";
import { verbalise } from "../../../../relayer/speech/core/verbalise/verbalise.ts";

const treasury = "0x1111111111111111111111111111111111111111";
const other = "0xAbCdef0123456789abcdef0123456789abcde4b2";
const HEXADECIMAL = Array.from("0123456789abcdef");
const naming = { labels: new Map([[treasury, "the treasury"]]), spellsOut: false };
const digits = (text: string) => text.replace(/[^0-9a-f]/g, "");

/** What is written, and what is said for it. Changed on purpose only: operators learn these by ear. */
const golden: readonly (readonly [string, string])[] = [
  // addresses and hashes
  [`${treasury} paid ${other}.`, "the treasury paid address ending e four b two."],
  [`to address ${other}`, "to address ending e four b two"],
  [`hash 0x${"0f".repeat(32)}, seen`, "hash ending zero f zero f, seen"],
  ["flag 0x1f is set", "flag zero x, one f is set"],
  ["0xnot an address", "0xnot an address"],
  // amounts
  ["1.5 ETH", "one point five ether"],
  ["1 ETH and 0.05 ETH", "one ether and zero point zero five ether"],
  ["12.25 gwei", "twelve point two five gway"],
  ["1 bp, 25 bps", "one basis point, twenty-five basis points"],
  [
    "1,234,567.89 USDC",
    "one million two hundred thirty-four thousand five hundred sixty-seven point eight nine U S D C",
  ],
  ["0.000000000000000001 ETH", `zero point ${"zero ".repeat(17)}one ether`],
  ["1000000000000000000 wei", "one quintillion way"],
  // block numbers
  ["Block 21456789 is final.", "Block two one, four five six, seven eight nine is final."],
  ["at block #12, and block 7,", "at block twelve, and block seven,"],
  ["blocks 100", "blocks one hundred"],
  // percentages
  ["99.5%", "ninety-nine point five percent"],
  ["-5 % and +1%", "minus five percent and plus one percent"],
  // durations and dates
  ["after 2h30m", "after two hours thirty minutes"],
  ["1s, 250ms, 1.5h", "one second, two hundred fifty milliseconds, one point five hours"],
  ["on 2026-11-27", "on November twenty-seventh, twenty twenty-six"],
  ["at 2026-11-27T01:52:00Z.", "at November twenty-seventh, twenty twenty-six, one fifty-two U T C."],
  [
    "2026-11-27T14:05:09+01:00",
    "November twenty-seventh, twenty twenty-six, fourteen oh five and nine seconds U T C plus one",
  ],
  ["2026-13-45 is no date", "2026-13-45 is no date"],
  ["at 14:05 and 00:00", "at fourteen oh five and zero hundred hours"],
  // everything else
  ["2-of-3 signed", "two of three signed"],
  ["the 21st and the 3rd", "the twenty-first and the third"],
  ["1.2.3", "one point two point three"],
  ["see https://example.org/a?b=1.", "see a link to example dot org."],
  ["Lane A->B, A→B", "Lane A to B, A to B"],
  ["rpc_errors_total ≥ 5", "rpc errors total at least five"],
  ["validators 3, 4 and 11", "validators three, four and eleven"],
  ["epoch 0007", "epoch seven"],
  ["v2, A1, p95", "v2, A1, p95"],
  ["12abc and 3x", "12abc and 3x"],
  ["No numbers here: none.", "No numbers here: none."],
];

describe("what this field says", () => {
  for (const [written, said] of golden)
    it(`"${written.length > 60 ? `${written.slice(0, 60)}…` : written}"`, () => {
      assert.equal(verbalise(written, naming), said);
    });

  it("spells addresses out on demand, with every digit", () => {
    const said = verbalise(`to ${other}`, { ...naming, spellsOut: true });
    assert.match(said, /^to address zero x, a b c d, e f zero one, /);
    assert.equal(said.split(", ").length, 11);
  });

  it("takes a whole number for any size, and never rounds a decimal", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 40n),
        fc.string({ unit: fc.constantFrom(...HEXADECIMAL.slice(0, 10)), minLength: 1, maxLength: 20 }),
        (whole, fraction) => {
          const said = verbalise(`${whole}.${fraction} ETH`, naming);
          assert.doesNotMatch(said, /\d/);
          const spoken =
            said
              .split(" point ")
              .at(-1)
              ?.replace(/ ether$/, "")
              .split(" ") ?? [];
          assert.equal(spoken.length, fraction.length);
        },
      ),
    );
  });

  it("says the last four digits of whatever address", () => {
    const hex = fc.string({ unit: fc.constantFrom(...HEXADECIMAL), minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(hex, (address) => {
        const said = verbalise(`0x${address}`, { labels: new Map(), spellsOut: false });
        const names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        const end = said
          .replace("address ending ", "")
          .split(" ")
          .map((word) => (names.includes(word) ? String(names.indexOf(word)) : word));
        assert.equal(digits(end.join("")), address.slice(-4));
      }),
    );
  });

  it("takes time in proportion to a text, whatever it is", () => {
    const hostile = [
      "1,".repeat(4_000),
      "0x".repeat(4_000),
      "1.".repeat(4_000),
      "https://".repeat(1_000),
      "2h".repeat(4_000),
      "1 ".repeat(4_000),
      "-".repeat(8_000),
    ];
    // A pattern that backtracks would not come back from any of these within the test's time-out.
    for (const text of hostile) assert.ok(verbalise(text, naming).length > 0);
  });
});

describe("say-as", () => {
  const cases: readonly (readonly [string, SayAs["as"], string | undefined, string | undefined])[] = [
    ["11/27/2026", "date", "mdy", "November twenty-seventh, twenty twenty-six"],
    ["27.11.2026", "date", "dmy", "November twenty-seventh, twenty twenty-six"],
    ["2026-11-27", "date", undefined, "November twenty-seventh, twenty twenty-six"],
    ["11/2026", "date", "my", "November, twenty twenty-six"],
    ["1900", "date", "y", "nineteen hundred"],
    ["2005", "date", "y", "two thousand five"],
    ["2/30/2026", "date", "mdy", undefined],
    ["2/29/2024", "date", "mdy", "February twenty-ninth, twenty twenty-four"],
    ["tomorrow", "date", undefined, undefined],
    ["2:30pm", "time", "hms12", "two thirty p m"],
    ["14:05", "time", "hms24", "fourteen oh five"],
    ["25:00", "time", undefined, undefined],
    ["90s", "time", undefined, "ninety seconds"],
    ["1234", "cardinal", undefined, "one thousand two hundred thirty-four"],
    ["21", "number", "ordinal", "twenty-first"],
    ["21", "ordinal", undefined, "twenty-first"],
    ["0", "ordinal", undefined, "zeroth"],
    ["1.5", "ordinal", undefined, undefined],
    ["1234", "digits", undefined, "one two three four"],
    ["12x", "number", "digits", undefined],
    ["aB3-.", "characters", undefined, "a b three dash dot"],
    ["+49 30 1234", "telephone", undefined, "plus four nine, three zero, one two three four"],
    ["call me", "telephone", undefined, undefined],
  ];
  for (const [text, as, format, said] of cases)
    it(`${as}${format === undefined ? "" : ` (${format})`} of "${text}" is ${said === undefined ? "left to the usual rules" : "said"}`, () => {
      assert.equal(saySpecially(text, { as, format }), said);
    });
});
