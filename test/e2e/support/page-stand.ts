import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { repository } from "../../relayer/support/processes.ts";
import { ACCOUNT, laneTerms, manyEscrows, manyMessages, NETWORK } from "./page-fixtures.ts";

const built = join(repository, "web/dist");
const OPENED = "dapp/index.html";
const TYPES: Readonly<Record<string, string>> = {
  ...{ ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" },
  ".svg": "image/svg+xml",
};

/** As the API sends it (relayer/api/server.ts). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'";

/** The built wallet page with an API of made-up answers: as many rows as are wanted, and no fleet behind them. */
export class PageStand {
  readonly url: string;
  /** Who takes part in all escrows, as the buyer. */
  readonly account = ACCOUNT;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wallet/`;
  }

  /** @param rows how many escrows and how many transfers there are */
  static async start(rows: number): Promise<PageStand> {
    readFileSync(join(built, OPENED)); // or there is nothing to open
    const [escrows, messages] = [manyEscrows(rows), manyMessages(rows)];
    const server = createServer(({ url = "/" }, response) => {
      const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
      if (pathname === "/api/v1/network") answer(response, NETWORK);
      else if (pathname === "/api/v1/escrows") answer(response, page("escrows", escrows, searchParams));
      else if (pathname === "/api/v1/messages") answer(response, page("messages", messages, searchParams));
      else if (pathname.startsWith("/api/v1/lanes/")) answer(response, laneTerms());
      else serve(response, pathname);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    return new PageStand(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One page of a list, as the API cuts it. */
function page(name: string, rows: readonly object[], query: URLSearchParams): object {
  const from = Number(query.get("after")?.split("-")[0] ?? 0);
  const to = from + Number(query.get("limit") ?? 20);
  const now = Math.floor(Date.now() / 1_000);
  const index = NETWORK.chains.map(({ name: chain }) => ({
    ...{ chain, block: now, head: now, final: now, lagBlocks: 0, lagSeconds: 0 },
  }));
  return { [name]: rows.slice(from, to), next: to < rows.length ? `${to}-1-1-1` : null, index };
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function serve(response: ServerResponse, pathname: string): void {
  const name = pathname === "/wallet/" ? OPENED : pathname.slice(1);
  if (!/^(dapp|assets)\/[\w.-]+$/.test(name)) return void response.writeHead(404).end();
  response.writeHead(200, {
    ...{ "content-type": TYPES[extname(name)] ?? "text/plain", "content-security-policy": POLICY },
    "content-encoding": "gzip",
  });
  response.end(gzipSync(readFileSync(join(built, name))));
}
