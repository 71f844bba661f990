import type { HttpSettings, TlsSettings } from "../core/channel-settings.ts";
import { Secret } from "../core/secret.ts";
import { type AllowedTargets, isAllowedHost, refusalOf } from "../core/targets.ts";
import { isPlainUrl, URL_RULE } from "./fields.ts";
import type { Path } from "./problems.ts";
import type { Reader } from "./reader.ts";
import type { HttpSection, TlsSection } from "./sections.ts";

/** Reads how a receiver is reached: URLs, TLS and who one is. */
export class ConnectionReader {
  readonly #reader: Reader;
  readonly #defaults: HttpSection | undefined;
  readonly #targets: AllowedTargets;

  /** @param defaults `http_config` under `global` */
  constructor(reader: Reader, defaults: HttpSection | undefined, targets: AllowedTargets) {
    this.#reader = reader;
    this.#defaults = defaults;
    this.#targets = targets;
  }

  /** The URL of a receiver, which is a secret as a whole. A webhook's own `url` in the file is usual, and not warned of. */
  url(key: string, inline: string | undefined, file: string | undefined, path: Path): Secret | undefined {
    const url =
      key === "url" && inline !== undefined && file === undefined
        ? new Secret(inline)
        : this.#reader.secret(key, inline, file, path);
    if (url === undefined) return undefined;
    const at: Path = [...path, file === undefined ? key : `${key}_file`];
    if (!isPlainUrl(url.reveal())) {
      this.#reader.problem(at, URL_RULE);
      return undefined;
    }
    this.checkTarget(url.reveal(), at);
    return url;
  }

  /** Refuses at once what would be refused at each attempt: an address, or this machine's name, that nobody allowed. */
  checkTarget(url: string, path: Path): void {
    const { hostname, port, protocol } = new URL(url);
    const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    if (isAllowedHost(this.#targets, hostname, number)) return;
    const address = hostname.replace(/^\[|\]$/g, "");
    const isAddress = /^[\d.]+$/.test(address) || address.includes(":");
    const refusal = /(^|\.)localhost\.?$/.test(address)
      ? `${address} is this machine`
      : isAddress
        ? refusalOf(address, this.#targets)
        : undefined;
    if (refusal !== undefined)
      this.#reader.problem(
        path,
        `${refusal}; if that is meant, add "${hostname}:${number}" to allow_private_targets`,
      );
  }

  http(own: HttpSection | undefined, path: Path): HttpSettings {
    const section = own ?? this.#defaults;
    const at: Path = own === undefined ? ["global", "http_config"] : [...path, "http_config"];
    return {
      followRedirects: section?.follow_redirects ?? true,
      authorization: section === undefined ? undefined : this.#authorization(section, at),
      tls: this.tls(section?.tls_config, [...at, "tls_config"]),
    };
  }

  #authorization(section: HttpSection, path: Path): Secret | undefined {
    const ways = [
      section.authorization,
      section.basic_auth,
      section.bearer_token ?? section.bearer_token_file,
    ];
    if (ways.filter((way) => way !== undefined).length > 1)
      this.#reader.problem(path, "expected one of authorization, basic_auth and bearer_token_file");
    const { authorization, basic_auth: basic } = section;
    if (authorization !== undefined) {
      const at: Path = [...path, "authorization"];
      const secret = this.#reader.secret(
        "credentials",
        authorization.credentials,
        authorization.credentials_file,
        at,
      );
      return this.#header(authorization.type ?? "Bearer", secret, at);
    }
    if (basic !== undefined) {
      const at: Path = [...path, "basic_auth"];
      const password = this.#reader.secret("password", basic.password, basic.password_file, at);
      const pair = Buffer.from(`${basic.username}:${password?.reveal() ?? ""}`).toString("base64");
      return new Secret(`Basic ${pair}`);
    }
    const token = this.#reader.secret("bearer_token", section.bearer_token, section.bearer_token_file, path);
    return token === undefined ? undefined : this.#header("Bearer", token, path);
  }

  #header(type: string, secret: Secret | undefined, path: Path): Secret | undefined {
    const value = `${type} ${secret?.reveal() ?? ""}`;
    if (secret === undefined || !/^[\x20-\x7e]+$/.test(value)) {
      this.#reader.problem(path, "expected credentials_file with one line of plain characters");
      return undefined;
    }
    return new Secret(value);
  }

  tls(section: TlsSection | undefined, path: Path): TlsSettings | undefined {
    if (section === undefined) return undefined;
    const { ca_file: ca, cert_file: certificate, key_file: key } = section;
    if ((certificate === undefined) !== (key === undefined))
      this.#reader.problem(path, "cert_file and key_file belong together");
    if (section.insecure_skip_verify === true)
      this.#reader.warning(
        [...path, "insecure_skip_verify"],
        "whoever stands in between can read and change what is sent; name the server's CA in ca_file instead",
      );
    return {
      ca: ca === undefined ? undefined : this.#reader.textFile("ca_file", ca, path),
      certificate:
        certificate === undefined ? undefined : this.#reader.textFile("cert_file", certificate, path),
      key: key === undefined ? undefined : this.#reader.secretFile("key_file", key, path),
      serverName: section.server_name,
      insecureSkipVerify: section.insecure_skip_verify ?? false,
    };
  }
}
