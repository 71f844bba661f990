import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { errorView } from "../../relayer/api/schema.ts";
import { findUndocumented, pageOf } from "../../scripts/reference/core/contracts-pages.ts";
import { parseNatSpec } from "../../scripts/reference/core/natspec.ts";
import { httpPage, openApi, wireSchema } from "../../scripts/reference/core/openapi.ts";
import { sourceSchema, unitsOf } from "../../scripts/reference/core/solidity.ts";
import { readUnits } from "../../scripts/reference/contracts.ts";
import { ROUTES } from "../../scripts/reference/http-routes.ts";
import { repository } from "../relayer/support/processes.ts";

describe("reference: NatSpec", () => {
  it("is taken apart by its tags, over several lines", () => {
    const parsed = parseNatSpec(
      "@title A thing\n @notice Does what\n it says, user@example.org.\n @dev How.\n @param a The first\n one.\n @param b Second.\n @return c What comes out.",
    );
    assert.deepEqual(parsed, {
      ...{ title: "A thing", notice: "Does what it says, user@example.org.", dev: "How.", inheritdoc: "" },
      params: [
        { name: "a", text: "The first one." },
        { name: "b", text: "Second." },
      ],
      returns: ["c What comes out."],
    });
  });

  it("is a notice where it has no tag", () => {
    assert.equal(parseNatSpec("Just words.").notice, "Just words.");
  });
});

/** One interface, as the compiler would see it: a documented function, one without a comment, an internal one, and a type. */
const text = `/// @dev A word.
type Word is bytes32;
interface IThing {
    function said(uint256 a)
        external;
    function unsaid() external { }
}
`;
const at = (part: string) => `${text.indexOf(part)}:${part.length}:0`;
const fn = (name: string, part: string, more: object) => ({
  ...{ nodeType: "FunctionDefinition", kind: "function", name, src: at(part), visibility: "external" },
  ...more,
});
const units = unitsOf(
  "contracts/Thing.sol",
  text,
  sourceSchema.parse({
    ast: {
      ...{ nodeType: "SourceUnit", src: "0:1:0" },
      nodes: [
        { nodeType: "UserDefinedValueTypeDefinition", name: "Word", src: at("type Word is bytes32;") },
        {
          ...{ nodeType: "ContractDefinition", contractKind: "interface", name: "IThing", src: "0:1:0" },
          documentation: { text: "@title The thing" },
          nodes: [
            fn("said", "function said(uint256 a)\n        external;", {
              documentation: { text: "@notice Says {Word} <b>.\n @param a A number." },
            }),
            fn("unsaid", "function unsaid() external { }", {}),
            fn("hidden", "function", { visibility: "internal" }),
          ],
        },
      ],
    },
  }),
);

describe("reference: contracts", () => {
  it("finds what has no comment, and nothing else", () => {
    assert.deepEqual(findUndocumented(units), [
      "contracts/Thing.sol: function IThing.unsaid has no NatSpec.",
    ]);
  });

  it("writes pages with declarations, without bodies, and with Markdown that says what the comment said", () => {
    const [types, thing] = units.map(pageOf);
    assert.match(types ?? "", /### Word\n\nA word\.\n\n```solidity\ntype Word is bytes32;\n```/);
    assert.match(thing ?? "", /^# IThing\n\nInterface, `contracts\/Thing\.sol`\.\n\n\*\*The thing\.\*\*/);
    assert.match(
      thing ?? "",
      /Says `Word` &lt;b>\.\n\n```solidity\nfunction said\(uint256 a\)\nexternal;\n```\n\n- `a`: A number\./,
    );
    assert.match(thing ?? "", /```solidity\nfunction unsaid\(\) external;\n```/);
    assert.doesNotMatch(thing ?? "", /hidden/);
  });

  it("finds nothing undocumented in ours, and has read all of them", () => {
    const ours = readUnits();
    assert.deepEqual(findUndocumented(ours), []);
    const inbox = ours.find(({ name }) => name === "IInbox");
    assert(inbox !== undefined);
    assert(inbox.items.some(({ kind, name }) => kind === "function" && name === "deliver"));
    assert(inbox.items.some(({ kind, name }) => kind === "error" && name === "NonceMismatch"));
  });
});

describe("reference: HTTP", () => {
  const document = z
    .looseObject({
      openapi: z.literal("3.1.0"),
      paths: z.record(z.string(), z.record(z.string(), z.unknown())),
    })
    .parse(openApi(ROUTES, "1.2.3", errorView));

  it("has shapes as they are on the wire", () => {
    const shape = z.object({ amount: z.codec(z.string(), z.bigint(), { decode: BigInt, encode: String }) });
    assert.deepEqual(wireSchema(shape), {
      ...{ type: "object", properties: { amount: { type: "string" } }, required: ["amount"] },
    });
  });

  it("has each route once, with its parameters, and a section for it on the page", () => {
    const count = Object.values(document.paths).reduce(
      (sum, methods) => sum + Object.keys(methods).length,
      0,
    );
    assert.equal(count, ROUTES.length);
    assert.match(
      JSON.stringify(document.paths["/api/v1/escrows/{id}"]),
      /"name":"id","in":"path","required":true/,
    );
    assert.match(
      JSON.stringify(document.paths["/api/v1/escrows"]),
      /"name":"party","in":"query","required":false/,
    );
    const page = httpPage(ROUTES);
    for (const { route } of ROUTES) assert(page.includes(`\n## ${route}\n`), route);
  });

  it("has every route that the API's sources name outright", () => {
    const known = new Set(ROUTES.map(({ route }) => route));
    const named = globSync("relayer/api/**/*.ts", { cwd: repository }).flatMap((file) =>
      [
        ...readFileSync(join(repository, file), "utf8").matchAll(
          /app\.(get|post|delete)\(\s*"(\/(?:api|healthz|readyz|metrics)[^"]*)"/g,
        ),
      ].map(([, method = "", path = ""]) => `${method.toUpperCase()} ${path}`),
    );
    assert(named.length > 15);
    assert.deepEqual(
      named.filter((route) => !known.has(route)),
      [],
    );
  });
});
