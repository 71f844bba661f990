import { z } from "zod";

/** One request of the HTTP API. */
export type Route = {
  /** Such as `GET /api/v1/messages/:id`. */
  readonly route: string;
  readonly what: string;
  /** What whoever asks must be at least; nobody in particular where it is left out. */
  readonly role?: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What is answered: JSON of this shape. */
  readonly answer?: z.ZodType;
  /** The media type of the answer where it is no JSON. */
  readonly type?: string;
};

type Json = Readonly<Record<string, unknown>>;

/** As it is on the wire: what codecs read and write, not what the code works with. */
export function wireSchema(schema: z.ZodType, io: "input" | "output" = "input"): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** The whole API as an OpenAPI document of version 3.1. */
export function openApi(routes: readonly Route[], version: string, failure: z.ZodType): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const { method, path } = partsOf(route);
    paths[path] = { ...paths[path], [method]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "dchat",
      version,
      summary: "The relayer fleet's HTTP API",
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative: wherever this document was loaded from.
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Failure: wireSchema(failure) },
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "dchat-session",
          description: "With `x-dchat-csrf` for what changes something.",
        },
        token: { type: "http", scheme: "bearer", description: "A user's token, for scripts." },
      },
    },
  };
}

function partsOf({ route }: Route) {
  const [method = "", path = ""] = route.split(" ");
  return { method: method.toLowerCase(), path: path.replaceAll(/:(\w+)/g, "{$1}") };
}

function operationOf(route: Route): Json {
  const { method, path } = partsOf(route);
  const { what, role, query, body, answer, type } = route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
  }));
  const content = type === undefined && answer === undefined ? {} : { content: contentOf(type, answer) };
  return {
    summary: what,
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    ...(role === undefined
      ? { security: [] }
      : { description: `For at least: ${role}.`, security: [{ session: [] }, { token: [] }] }),
    parameters: [...inPath, ...(query === undefined ? [] : parametersOf(query))],
    ...(body === undefined ? {} : { requestBody: { content: contentOf(undefined, body) } }),
    responses: {
      200: { description: "Done.", ...content },
      default: {
        description: "Not done; the message says why, and what to do.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
      },
    },
  };
}

/** Server-sent events and the like are described in words alone: they are no one document of a shape. */
function contentOf(type: string | undefined, schema: z.ZodType | undefined): Json {
  if (type !== undefined) return { [type]: { schema: { type: "string" } } };
  return { "application/json": { schema: schema === undefined ? {} : wireSchema(schema) } };
}

function parametersOf(query: z.ZodType): readonly Json[] {
  const { properties = {}, required = [] } = z
    .object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()) })
    .partial()
    .parse(wireSchema(query));
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
  }));
}

/** The same as a page in Markdown. */
export function httpPage(routes: readonly Route[]): string {
  const sections = routes.map(({ route, what, role, query, body, answer, type }) =>
    [
      `## ${route}`,
      [
        what,
        ...(role === undefined ? [] : [`For at least: ${role}.`]),
        ...(type === undefined ? [] : [`Answers \`${type}\`.`]),
      ].join(" "),
      ...shown("Query", query),
      ...shown("Body", body),
      ...shown("Answer", answer),
    ].join("\n\n"),
  );
  return `${["# HTTP API", "Shapes are JSON Schema. A request that fails is answered with `{ error: { code, message } }`.", ...sections].join("\n\n")}\n`;
}

function shown(heading: string, schema: z.ZodType | undefined): readonly string[] {
  if (schema === undefined) return [];
  return [`${heading}:`, `\`\`\`json\n${JSON.stringify(wireSchema(schema), undefined, 2)}\n\`\`\``];
}
