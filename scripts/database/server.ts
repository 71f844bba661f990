import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { PGlite } from "@electric-sql/pglite";
import { z } from "zod";
import { explain } from "../../relayer/domain/errors.ts";
import type { Logger } from "../../relayer/platform/log.ts";
import { type Exchange, ExchangeReader } from "./exchanges.ts";
import { SharedSession } from "./session.ts";

/** No encryption: it is spoken on loopback alone. */
const NO_ENCRYPTION = "N";

/**
 * Serves a PGlite on loopback, by PostgreSQL's protocol, to any number of clients. `@electric-sql/pglite-socket` serves message by message: with
 * more than one client, one's Bind then meets another's Parse.
 * @throws the listener's error where the port is taken
 */
export async function serveDatabase(pglite: PGlite, port: number, logger: Logger): Promise<Server> {
  const session = new SharedSession(pglite);
  const server = createServer({ noDelay: true }, (socket) => {
    // What PGlite itself throws is caught nowhere: a database that is in disorder ends, and is started again from its disk.
    void serve(socket, session, logger);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function serve(socket: Socket, session: SharedSession, logger: Logger): Promise<void> {
  for await (const exchange of exchangesOf(socket, logger)) {
    if (exchange.kind === "end") break;
    if (exchange.kind === "encryption") socket.write(NO_ENCRYPTION);
    else
      await session.exchange(socket, exchange.bytes, (piece) => {
        // PGlite uses the memory of what it tells again.
        if (socket.writable) socket.write(Uint8Array.from(piece));
      });
  }
  await session.leave(socket);
  socket.destroy();
}

/** Ends where the client does, or its connection, or its sense. */
async function* exchangesOf(socket: Socket, logger: Logger): AsyncGenerator<Exchange, void, undefined> {
  const reader = new ExchangeReader();
  try {
    for await (const bytes of socket) yield* reader.read(z.instanceof(Uint8Array).parse(bytes));
  } catch (error) {
    logger.debug({ reason: explain(error) }, "a connection broke");
  }
}
