import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Exchange, ExchangeReader } from "../../../../scripts/database/exchanges.ts";

/** A message with a type, as clients of PostgreSQL send it. */
function message(type: string, body = ""): Buffer {
  const bytes = Buffer.from(`${type}0000${body}`, "latin1");
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
}

/** One of the first messages of a connection, which have no type. */
function opening(code: number, body = ""): Buffer {
  const bytes = Buffer.from(`00000000${body}`, "latin1");
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(code, 4);
  return bytes;
}

const PROTOCOL_3 = 196_608;
const startup = opening(PROTOCOL_3, "user\0dchat\0\0");
const query = message("Q", "SELECT 1\0");
const pipeline = Buffer.concat([
  message("P", "\0SELECT $1\0\0\0"),
  message("B", "…"),
  message("E"),
  message("S"),
]);

/** What is read of a client, whose words come in pieces that end where they may. */
function read(words: readonly Buffer[], ends: readonly number[] = []): Exchange[] {
  const all = Buffer.concat(words);
  const reader = new ExchangeReader();
  const cuts = [...new Set(ends.map((end) => end % all.length))].sort((a, b) => a - b);
  return [...cuts, all.length].flatMap((end, i) => [...reader.read(all.subarray(cuts[i - 1] ?? 0, end))]);
}
const work = (bytes: Buffer): Exchange => ({ kind: "work", bytes: new Uint8Array(bytes) });

describe("the exchanges of PostgreSQL's protocol", () => {
  it("are the same, however the bytes come", () => {
    const words = [opening(80_877_104), opening(80_877_103), startup, query, pipeline, query, message("X")];
    const expected: Exchange[] = [
      { kind: "encryption" },
      { kind: "encryption" },
      ...[startup, query, pipeline, query].map(work),
      { kind: "end" },
    ];
    fc.assert(
      fc.property(fc.array(fc.nat()), (ends) => {
        assert.deepEqual(read(words, ends), expected);
      }),
    );
  });

  it("keep a pipeline together, and wait for its end", () => {
    assert.deepEqual(read([startup, pipeline.subarray(0, -1)]), [work(startup)]);
  });

  it("end with the wish to cancel what another connection does, which cannot be done", () => {
    assert.deepEqual(read([opening(80_877_102, "01234567")]), [{ kind: "end" }]);
  });

  it("are none where the bytes are of another protocol", () => {
    assert.throws(() => read([Buffer.from("GET / HTTP/1.1\r\n\r\n")]), /is none of PostgreSQL's/);
    assert.throws(() => read([startup, Buffer.from([0x51, 0, 0, 0, 3])]), /of 3 bytes/);
  });
});
