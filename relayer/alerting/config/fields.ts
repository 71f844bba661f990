import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { type MessageTemplate, parseMessageTemplate, TemplateError } from "../core/template.ts";
import type { MailAddress } from "../core/channel-settings.ts";
import { nearest } from "./problems.ts";

/** Keys of Alertmanager that are refused, each with what to use instead. */
export type Refused = Readonly<Record<string, string>>;

/**
 * A section with the keys that it knows. Each unknown key is an issue with a line of its own in the message: the key that was probably
 * meant, or what to use instead of what is not supported.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape, refused: Refused = {}) {
  const known = Object.keys(shape);
  const explainKey = (key: string) => {
    if (Object.hasOwn(refused, key)) return `not supported: ${refused[key] ?? ""}`;
    const meant = nearest(key, [...known, ...Object.keys(refused)]);
    return meant === undefined
      ? `there is no such key; there are ${known.join(", ")}`
      : `there is no such key; did you mean ${meant}?`;
  };
  const checked = z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") return issue.keys.map(explainKey).join("\n");
      return "expected keys with values";
    },
  });
  // YAML's way to write a section with nothing in it.
  return z.preprocess((value) => (value === "" ? {} : value), checked);
}

/** A text that is there. */
export const text = z
  .string({ error: missingOr("expected a text") })
  .min(1, "expected a text, but it is empty");

export const list = <T extends z.ZodType>(item: T) => z.array(item, { error: missingOr("expected a list") });

export const flag = z
  .enum(["true", "false"], { error: missingOr("expected true or false") })
  .transform((value) => value === "true");

/** A whole number within bounds. */
export const whole = (least: number, most: number) =>
  z
    .string({ error: missingOr(`expected a whole number from ${least} to ${most}`) })
    .regex(/^\d{1,15}$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected a whole number from ${least} to ${most}`);

const DURATION = "expected a duration such as 30s, 5m or 1h30m";

/** A duration in Prometheus's notation, in milliseconds. */
export const duration = z.string({ error: missingOr(DURATION) }).transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue(DURATION);
  return z.NEVER;
});

/** A duration that is not 0. */
export const positiveDuration = duration.refine((value) => value > 0, "expected more than 0");

/** A template of a message. */
export const template = z
  .string({ error: missingOr("expected a text") })
  .transform((source, context): MessageTemplate => {
    try {
      return parseMessageTemplate(source);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      context.addIssue(`in the template, ${error.message}`);
      return z.NEVER;
    }
  });

/** An http or https URL without a user and password in it. Its text is in no message: URLs of receivers are secrets. */
export function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && url.hash === "";
}

export const URL_RULE =
  "expected a URL that begins with http:// or https://, without user, password and #; credentials belong into http_config";

/** A URL that is no secret. */
export const plainUrl = text.refine(isPlainUrl, URL_RULE);

/** One mailbox: `a@example.org`, or `Name <a@example.org>`. */
export function parseAddress(value: string): MailAddress | undefined {
  const match = /^(?:"?([^"<>,;:\p{Cc}]*?)"?\s*<([^<>]+)>|([^<>\s]+))$/u.exec(value.trim());
  const [, name = "", inBrackets, bare] = match ?? [];
  const address = inBrackets ?? bare ?? "";
  const isAddress =
    /^[^\s\p{Cc}<>()[\]\\,;:@"]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?$/u.test(address);
  return isAddress ? { name, address } : undefined;
}

const ADDRESS = "expected a mailbox such as alerts@example.org or Name <alerts@example.org>";

export const mailAddress = z.string({ error: missingOr(ADDRESS) }).transform((value, context) => {
  const address = parseAddress(value);
  if (address !== undefined) return address;
  context.addIssue(ADDRESS);
  return z.NEVER;
});

/** Mailboxes with commas between, at least one. */
export const mailAddresses = z.string({ error: missingOr(ADDRESS) }).transform((value, context) => {
  const addresses = value.split(",").map(parseAddress);
  const found = addresses.filter((address) => address !== undefined);
  if (found.length === addresses.length) return found;
  context.addIssue(`${ADDRESS}, several with commas between`);
  return z.NEVER;
});

/** `host:port`; an IPv6 address within brackets. */
export const hostAndPort = text
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, "expected host:port, such as smtp.example.org:587")
  .transform((value) => {
    const colon = value.lastIndexOf(":");
    return { host: value.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(value.slice(colon + 1)) };
  })
  .refine(({ port }) => port > 0 && port < 65_536, "expected a port from 1 to 65535");

function missingOr(expected: string) {
  return (issue: { readonly input?: unknown }) =>
    issue.input === undefined ? `${expected}, but it is missing` : expected;
}
