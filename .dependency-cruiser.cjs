/** The import rules of docs/architecture.md, "Who may import whom". */
const subsystem = "(bridge|escrow|alerting|speech|chaos|deployment)";
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    rule("no-cycles", {}, { circular: true }, "A cycle has no bottom to start reading at."),
    rule("no-unresolved", {}, { couldNotResolve: true, pathNot: "^types/" }, "Every import resolves."),
    rule(
      "core-is-pure",
      { path: `^relayer/${subsystem}/core/` },
      { path: "^(relayer|scripts|test|bench|web)/", pathNot: [`^relayer/$1/core/`, "^relayer/domain/"] },
      "core imports only domain and its own files.",
    ),
    rule(
      "indexer-core-is-pure",
      { path: "^relayer/indexer/core/" },
      {
        path: "^(relayer|scripts|test|bench|web)/",
        pathNot: ["^relayer/indexer/core/", `^relayer/${subsystem}/core/`, "^relayer/domain/"],
      },
      "The indexer's rules build on those of the subsystems, and on nothing else.",
    ),
    rule(
      "indexer-above-subsystems",
      { path: `^relayer/(${subsystem}|platform|domain)/` },
      { path: "^relayer/indexer/" },
      "Subsystems and platform do not know that they are indexed.",
    ),
    rule(
      "core-does-no-io",
      { path: `^relayer/((${subsystem}|indexer)/core|domain)/` },
      { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|buffer)$" },
      "No I/O, clock or environment in core and domain.",
    ),
    rule(
      "ports-import-domain",
      { path: `^relayer/${subsystem}/ports\\.ts$` },
      { path: "^relayer/", pathNot: [`^relayer/$1/core/`, "^relayer/domain/"] },
      "ports know the domain and the types of their own core.",
    ),
    rule(
      "adapters",
      { path: `^relayer/${subsystem}/adapters/` },
      {
        path: "^(relayer|scripts|test|bench|web)/",
        pathNot: [`^relayer/$1/(core|adapters)/`, `^relayer/$1/ports\\.ts$`, "^relayer/(domain|platform)/"],
      },
      "adapters import core, ports, platform and domain.",
    ),
    rule(
      "subsystems-are-strangers",
      { path: `^relayer/${subsystem}/` },
      { path: `^relayer/${subsystem}/`, pathNot: "^relayer/$1/" },
      "Subsystems meet through domain events and queues.",
    ),
    rule(
      "platform-below-subsystems",
      { path: "^relayer/platform/" },
      { path: `^relayer/(${subsystem}|api)/` },
      "platform imports no subsystem.",
    ),
    rule(
      "only-main-wires",
      { pathNot: "^(relayer/main\\.ts|test/|scripts/)" },
      { path: "^relayer/main\\.ts$" },
      "Only main wires.",
    ),
    rule(
      "domain-is-the-bottom",
      { path: "^relayer/domain/" },
      { path: "^relayer/", pathNot: "^relayer/domain/" },
      "domain imports nothing above it.",
    ),
    rule(
      "pages-are-strangers-to-the-fleet",
      { path: "^web/" },
      {
        path: "^relayer/",
        pathNot: [
          "^relayer/domain/",
          "^relayer/api/(list-schema|wallet-schema|operator-schema|schema)\\.ts$",
          `^relayer/${subsystem}/core/`,
        ],
      },
      "web imports generated types, the domain, the API's schemas and core; never adapters or platform.",
    ),
    rule(
      "page-cores-are-pure",
      { path: "^web/[a-z]+/core/" },
      { path: "^web/[a-z]+/(services|views)/" },
      "What a page knows is worked out without its browser.",
    ),
    rule(
      "pages-are-strangers",
      { path: "^web/(dapp|dashboard|shared)/" },
      { path: "^web/", pathNot: "^web/($1|shared)/" },
      "Pages meet in web/shared, which knows none of them.",
    ),
    rule(
      "product-before-tests",
      { path: "^(relayer|web)/" },
      { path: "^(test|scripts|bench)/" },
      "Product code never imports tests, scripts or benches.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^types/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".mjs", ".js"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
