import { explain } from "../../../domain/errors.ts";
import type { HttpSettings } from "../../core/channel-settings.ts";
import type { Delivery } from "../../core/notification.ts";
import { withoutControls } from "../../core/plain-text.ts";
import { type GuardedHttp, type HttpAnswer, TargetRefusedError } from "./guarded-http.ts";

/** The longest that a receiver may have us wait, in milliseconds: what asks for more is asked again after this. */
const LONGEST_WAIT = 3_600_000;

/** One body to one URL, and what is secret about it. */
export type Post = {
  /** The URL as a text: a secret, so only its host is in anything that is said. */
  readonly url: string;
  readonly http: HttpSettings;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Texts that must not come back in what the other side says. */
  readonly secrets: readonly string[];
};

/** Posts, and says in alerting's words what became of it. Never throws for what the other side does. */
export async function deliver(
  http: GuardedHttp,
  post: Post,
  now: () => number,
  signal: AbortSignal,
): Promise<Delivery> {
  const url = new URL(post.url);
  try {
    const answer = await http.post(
      {
        url,
        headers: post.headers,
        body: post.body,
        authorization: post.http.authorization?.reveal(),
        followRedirects: post.http.followRedirects,
        tls: post.http.tls,
      },
      signal,
    );
    return judge(answer, url.host, post, now());
  } catch (error) {
    return failed(error, url.host, post, signal);
  }
}

/**
 * How long a receiver asks to wait: seconds or a date (RFC 9110, 10.2.3).
 * @returns milliseconds from 0 to an hour; undefined where it says nothing that can be read
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const isDate = /^[A-Z][a-z]{2,8}, .*GMT$/.test(text);
  const wait = /^\d{1,10}$/.test(text) ? Number(text) * 1_000 : isDate ? Date.parse(text) - now : NaN;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_WAIT, Math.max(0, wait));
}

function judge(answer: HttpAnswer, host: string, post: Post, now: number): Delivery {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered", detail: `${host} answered ${status}` };
  const said = clean(answer.body, post);
  const reason = `${host} answered ${status}${said === "" ? "" : `: ${said}`}`;
  // Too early, too many, too slow, or out of order for now.
  if (status >= 500 || [408, 425, 429].includes(status))
    return { kind: "retry", reason, afterMilliseconds: parseRetryAfter(answer.retryAfter, now) };
  return { kind: "refused", reason };
}

function failed(error: unknown, host: string, post: Post, signal: AbortSignal): Delivery {
  const refusal = findRefusal(error);
  if (refusal !== undefined)
    return {
      kind: "refused",
      reason: `${host} was not asked: ${refusal.message}; what is meant to be reached is listed under allow_private_targets`,
    };
  const reason = signal.aborted
    ? `${host} did not answer in time`
    : `${host} cannot be reached: ${clean(explain(error), post)}`;
  return { kind: "retry", reason, afterMilliseconds: undefined };
}

function findRefusal(error: unknown): TargetRefusedError | undefined {
  for (let [at, depth] = [error, 0]; at instanceof Error && depth < 5; [at, depth] = [at.cause, depth + 1])
    if (at instanceof TargetRefusedError) return at;
  return undefined;
}

/** What the other side said, on one line, short, and without anything that we keep secret. */
function clean(text: string, { url, http, secrets }: Post): string {
  const { pathname, search } = new URL(url);
  const hidden = [...secrets, url, pathname + search, pathname, http.authorization?.reveal() ?? ""];
  const cleaned = hidden
    .filter((secret) => secret.length > 3)
    .toSorted((a, b) => b.length - a.length)
    .reduce((said, secret) => said.replaceAll(secret, "<secret>"), text);
  return withoutControls(cleaned).replace(/\s+/g, " ").trim().slice(0, 200);
}
