import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { FatalError } from "../../../domain/errors.ts";
import type { TlsSettings } from "../../core/channel-settings.ts";
import { type AllowedTargets, isAllowedHost, refusalOf } from "../../core/targets.ts";

/** A request leads to where it must not. */
export class TargetRefusedError extends FatalError {
  constructor(why: string) {
    super("TARGET_REFUSED", why);
  }
}

/** What came back: the status, some headers, and the beginning of the body. */
export type HttpAnswer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** At most {@link LONGEST_BODY} bytes of it, as text. */
  readonly body: string;
};

export type HttpRequest = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sent to the first host alone, and not to where it may redirect. */
  readonly authorization: string | undefined;
  readonly followRedirects: boolean;
  readonly tls: TlsSettings | undefined;
};

/** What is read of an answer, in bytes. */
const LONGEST_BODY = 8_192;
/** How often one request is redirected at most. */
const MOST_REDIRECTS = 3;
/** Connections to one host: enough to keep it busy, few enough not to look like an attack. */
const CONNECTIONS = 32;
/** Hosts whose connections are kept. */
const MOST_ORIGINS = 1_024;

/**
 * HTTP to where an operator's receivers are, and to nowhere else: only http and https, and only addresses that are public or were allowed. The
 * address is checked where the connection is made, after its name was resolved, so that a name cannot mean one thing when it is
 * checked and another when it is used (DNS rebinding). Redirects are followed here, each with the same checks. Neither proxies nor the
 * environment are asked.
 */
export class GuardedHttp {
  readonly #targets: AllowedTargets;
  readonly #resolve: LookupFunction;
  readonly #agents = new Map<string, Agent>();

  /** @param resolve how names become addresses; for tests */
  constructor(targets: AllowedTargets, resolve: LookupFunction = resolveName) {
    this.#targets = targets;
    this.#resolve = resolve;
  }

  /**
   * Posts a body, and follows redirects with it.
   * @throws TargetRefusedError where it must not go; Error for everything that went wrong on the way
   */
  async post(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let { url, authorization } = request;
    for (let redirects = 0; ; redirects++) {
      const { answer, location } = await this.#once({ ...request, url, authorization }, signal);
      if (location === undefined || !request.followRedirects) return answer;
      if (redirects === MOST_REDIRECTS)
        throw new TargetRefusedError(`redirected more than ${MOST_REDIRECTS} times`);
      const next = nextUrl(url, location);
      if (next.origin !== url.origin) authorization = undefined;
      url = next;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
    this.#agents.clear();
  }

  async #once(
    { url, headers, body, authorization, tls }: HttpRequest,
    signal: AbortSignal,
  ): Promise<{ readonly answer: HttpAnswer; readonly location: string | undefined }> {
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new TargetRefusedError(`${url.protocol} is neither http nor https`);
    const response = await this.#agent(tls).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "POST",
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      body,
      signal,
    });
    const answer = {
      status: response.statusCode,
      retryAfter: headerOf(response, "retry-after"),
      body: await beginningOf(response.body, isSuccess(response.statusCode)),
    };
    // 303 asks for a GET of something else: that would deliver nothing.
    const isRedirect = [301, 302, 307, 308].includes(answer.status);
    return { answer, location: isRedirect ? headerOf(response, "location") : undefined };
  }

  /** One pool for each way to do TLS. */
  #agent(tls: TlsSettings | undefined): Agent {
    const key = tls === undefined ? "" : JSON.stringify({ ...tls, key: tls.key?.reveal() });
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({
      connect: this.#connector(tls),
      connections: CONNECTIONS,
      maxOrigins: MOST_ORIGINS,
      keepAliveTimeout: 15_000,
      // The signal of each attempt is its time limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 16_384,
    });
    this.#agents.set(key, agent);
    return agent;
  }

  #connector(tls: TlsSettings | undefined): buildConnector.connector {
    const options = { ...tlsOptions(tls), timeout: 10_000, allowH2: false };
    const open = buildConnector({ ...options, lookup: this.#resolve });
    const guarded = buildConnector({ ...options, lookup: this.#guardedLookup });
    return (target, callback) => {
      const port = target.port === "" ? (target.protocol === "https:" ? 443 : 80) : Number(target.port);
      if (isAllowedHost(this.#targets, target.hostname, port)) {
        open(target, callback);
        return;
      }
      // An address is not looked up, so it is checked here.
      const address = target.hostname.replace(/^\[|\]$/g, "");
      const refusal = isIP(address) === 0 ? undefined : refusalOf(address, this.#targets);
      if (refusal === undefined) guarded(target, callback);
      else callback(new TargetRefusedError(refusal), null);
    };
  }

  /** Resolves a name, and gives no address away if any of them is refused: then somebody plays with the name. */
  readonly #guardedLookup: LookupFunction = (name, options, callback) => {
    this.#resolve(name, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === "string" ? [{ address: found, family: isIP(found) }] : found;
      const refusal = error === null ? this.#refusalOfAny(name, addresses) : undefined;
      const [first] = error === null ? addresses : [];
      if (error !== null) callback(error, []);
      else if (refusal !== undefined) callback(refusal, []);
      else if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  #refusalOfAny(
    name: string,
    addresses: readonly { readonly address: string }[],
  ): TargetRefusedError | undefined {
    const refusals = addresses.map(({ address }) => refusalOf(address, this.#targets));
    const refusal = refusals.find((why) => why !== undefined);
    return refusal === undefined
      ? undefined
      : new TargetRefusedError(`${name} is at an address that must not be reached: ${refusal}`);
  }
}

function nextUrl(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new TargetRefusedError("redirected to something that is no URL");
  const next = new URL(location, from);
  if (next.username !== "" || next.password !== "")
    throw new TargetRefusedError("redirected to a URL with a user and password in it");
  if (from.protocol === "https:" && next.protocol !== "https:")
    throw new TargetRefusedError("redirected from https to something that is not encrypted");
  return next;
}

function tlsOptions(tls: TlsSettings | undefined) {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * The first bytes of a body. The rest is not read: the connection is closed instead.
 * @param isDelivered whether the status said so already: a body that breaks off changes nothing about that, and sending again would double it
 */
async function beginningOf(body: Dispatcher.ResponseData["body"], isDelivered: boolean): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (length >= LONGEST_BODY) break;
    }
  } catch (error) {
    if (!isDelivered) throw error;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_BODY).toString("utf8");
}
