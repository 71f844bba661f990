import assert from "node:assert/strict";
import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail as the server took it. */
export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isEncrypted: boolean;
};

/** A real SMTP server on a free port of loopback, with a certificate of its own. */
export class SmtpReceiver {
  readonly mails: ReceivedMail[] = [];
  readonly certificate: string;
  connections = 0;
  readonly #server: SMTPServer;
  #port = 0;

  private constructor(certificate: string, key: string, options: SMTPServerOptions) {
    this.certificate = certificate;
    this.#server = new SMTPServer({
      cert: certificate,
      key,
      authOptional: true,
      logger: false,
      closeTimeout: 100,
      onConnect: (_session, done) => {
        this.connections += 1;
        done();
      },
      onAuth: (auth, _session, done) => {
        if (auth.username === "robot" && auth.password === "correct-horse") done(null, { user: "robot" });
        else done(new Error("no such user or password"));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString(),
            isEncrypted: session.secure,
          });
          done();
        });
      },
      ...options,
    });
    // A client that turns the certificate down ends the connection.
    this.#server.on("error", () => undefined);
  }

  static async start(options: SMTPServerOptions = {}): Promise<SmtpReceiver> {
    const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
      keySize: 2048,
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
    });
    const receiver = new SmtpReceiver(cert, key, options);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    const address = receiver.#server.server.address();
    assert(typeof address === "object" && address !== null);
    receiver.#port = address.port;
    return receiver;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
