import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SaxesParser } from "saxes";
import { compare } from "../../bench/report/compare.ts";
import { plot } from "../../bench/report/plot.ts";

type Element = { readonly name: string; readonly attributes: Readonly<Record<string, string>>; text: string };

/** Throws where the picture is not well-formed. */
function elementsOf(svg: string): readonly Element[] {
  const elements: Element[] = [];
  const parser = new SaxesParser({});
  parser.on("opentag", ({ name, attributes }) => {
    elements.push({ name, attributes: { ...attributes }, text: "" });
  });
  parser.on("text", (text) => {
    const last = elements.at(-1);
    if (last !== undefined && text.trim() !== "") last.text += text;
  });
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(svg).close();
  return elements;
}

const compared = compare(
  { gas: 50, rate: 30, many: 5, alone: 1, zero: 0 },
  { gas: { max: 100 }, rate: { min: 60 }, zero: { max: 0 }, gone: { max: 1 } },
  { gas: [{ by: "X & <Y>", value: 200 }], many: [{ by: "Z", value: 4 }] },
);
const elements = elementsOf(plot("some", compared));
const all = (name: string) => elements.filter((element) => element.name === name);
const bars = all("rect").map(({ attributes }) => ({
  look: attributes["class"],
  width: Number(attributes["width"]),
}));

describe("bench: the picture of a benchmark", () => {
  it("has a bar of its length for each of ours and of others, each figure on a scale of its own from zero", () => {
    const [gas, other, rate, zero, many, manyOther] = bars;
    assert.equal(bars.length, 6);
    assert.deepEqual([gas?.look, other?.look], ["ours", "peer"]);
    assert.equal((other?.width ?? 0) / (gas?.width ?? 1), 4);
    assert.equal(rate?.look, "missed");
    assert.deepEqual([zero?.look, zero?.width], ["ours", 1]);
    assert.equal(many?.width, other?.width); // the longest of its row
    assert.equal((manyOther?.width ?? 0) / (many?.width ?? 1), 0.8);
  });

  it("has the limit as a line at its place", () => {
    const lines = all("line").map(({ attributes }) => Number(attributes["x1"]) - 16);
    assert.deepEqual([lines[0], lines[1]], [(other(1) ?? 0) / 2, (other(2) ?? 0) * 2]);
    assert.equal(lines.length, 3);
  });

  it("leaves out what stands beside nothing, and what was not measured", () => {
    const keys = all("text").filter(({ attributes }) => attributes["class"] === "key");
    assert.deepEqual(
      keys.map(({ text }) => text),
      ["gas", "rate", "zero", "many"],
    );
  });

  it("says everything in words to those who cannot see it, and names itself", () => {
    const [root] = elements;
    assert.equal(root?.attributes["role"], "img");
    assert.equal(root.attributes["aria-labelledby"], "title what");
    assert.equal(
      all("desc")[0]?.text,
      "gas: ours 50; X & <Y> 200; ≤ 100, met. rate: ours 30; ≥ 60, missed. zero: ours 0; ≤ 0, met. many: ours 5; Z 4.",
    );
    assert.equal(all("title").length, 1);
  });

  it("tells a missed limit by words, not by its colour alone", () => {
    assert(all("text").some(({ text }) => text === "≥ 60: missed"));
  });

  it("fits its frame", () => {
    const height = Number(elements[0]?.attributes["height"]);
    for (const { attributes } of elements) assert(Number(attributes["y"] ?? 0) < height);
    for (const { width } of bars) assert(width <= 900 - 32);
  });
});

function other(index: number): number | undefined {
  return bars[index]?.width;
}
