import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sayAsKinds } from "../../../../relayer/speech/core/ssml/document.ts";
import { readUtterance } from "../../../../relayer/speech/core/utterance.ts";
import { UtteranceBuilder } from "../../../../relayer/speech/core/utterance-builder.ts";

describe("an utterance that is built", () => {
  it("is accepted, whatever text is in it, and says it", () => {
    const text = fc.string({ unit: "binary", maxLength: 100 });
    fc.assert(
      fc.property(text, text, fc.constantFrom(...sayAsKinds), fc.nat(5_000), (one, other, kind, pause) => {
        const request = new UtteranceBuilder()
          .paragraph((paragraph) =>
            paragraph.sentence((sentence) => sentence.text(one)).voice("slt", (voice) => voice.text("v")),
          )
          .pause(pause)
          .emphasis("strong", other)
          .sayAs(kind, "12")
          .build({ id: "u", priority: "high" });
        const { items } = readUtterance(request);
        assert.equal(request.priority, "high");
        assert.ok(items.some((item) => item.kind === "text" && item.sayAs?.as === kind));
        assert.ok(items.some((item) => item.kind === "text" && item.style.voice.names[0] === "slt"));
        assert.ok(items.some((item) => item.kind === "break" && item.milliseconds === pause));
      }),
    );
  });

  it("is held to what every other request is held to", () => {
    const build = (make: (utterance: UtteranceBuilder) => void, rest: Record<string, unknown> = {}) => {
      const utterance = new UtteranceBuilder();
      make(utterance);
      return utterance.build({ id: "u", ...rest });
    };
    assert.throws(() => build((utterance) => utterance.pause(10_001)), { code: "SSML" });
    assert.throws(() => build((utterance) => utterance.text("x".repeat(8_001))), { code: "SSML" });
    assert.throws(() => build((utterance) => utterance.text("x"), { priority: "loud" }), {
      code: "UTTERANCE",
    });
    assert.throws(() => build((utterance) => utterance.text("x"), { id: "a:b" }), { code: "UTTERANCE" });
    assert.equal(build((utterance) => utterance.text("x"), { rate: 9 }).rate, 2);
  });
});
