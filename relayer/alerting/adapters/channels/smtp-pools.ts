import { createHash } from "node:crypto";
import { createTransport, type Transporter } from "nodemailer";
import type SMTPPool from "nodemailer/lib/smtp-pool/index.js";
import type { EmailSettings } from "../../core/channel-settings.ts";

/** The port of SMTP over TLS from the first byte (RFC 8314); every other port begins in the clear and changes over. */
const IMPLICIT_TLS_PORT = 465;

/** A pool of connections to one server. */
export type SmtpPool = Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options>;

/** The connections to mail servers: receivers with the same server and user share them. */
export class SmtpPools {
  readonly #pools = new Map<string, SmtpPool>();

  of(settings: EmailSettings): SmtpPool {
    const key = keyOf(settings);
    const pool = this.#pools.get(key) ?? createTransport(optionsOf(settings));
    this.#pools.set(key, pool);
    return pool;
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }
}

function keyOf({ host, port, hello, auth, requireTls, tls }: EmailSettings): string {
  const secrets = [auth?.password.reveal(), tls?.key?.reveal()];
  const all = { host, port, hello, user: auth?.username, requireTls, tls, secrets };
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

function optionsOf({ host, port, hello, auth, requireTls, tls }: EmailSettings): SMTPPool.Options {
  return {
    host,
    port,
    secure: port === IMPLICIT_TLS_PORT,
    requireTLS: requireTls,
    ...(hello === undefined ? {} : { name: hello }),
    ...(auth === undefined ? {} : { auth: { user: auth.username, pass: auth.password.reveal() } }),
    tls: {
      minVersion: "TLSv1.2",
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls?.key === undefined ? {} : { key: tls.key.reveal() }),
      ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
      rejectUnauthorized: tls?.insecureSkipVerify !== true,
    },
    pool: true,
    maxConnections: 4,
    maxMessages: 100,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // A mail holds what we hand over, and never a file or a page that a text in it names.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
