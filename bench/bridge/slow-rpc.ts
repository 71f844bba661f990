import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A node that is far away: everything passes to the one at `url` and back, and takes `milliseconds` longer. */
export async function slowRpc(url: string, milliseconds: number): Promise<{ url: string; server: Server }> {
  const server = createServer((asked, answer) => {
    const forward = request(url, { method: asked.method, headers: asked.headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    forward.on("error", () => answer.destroy());
    void sleep(milliseconds).then(() => asked.pipe(forward));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server };
}
