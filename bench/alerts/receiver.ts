// Receives webhooks, and tells its parent when each came: [id, Unix milliseconds]. Ends with its parent. The alert's id is the path, or
// stands in the body where a sender has one path for all.
import { createServer } from "node:http";

const wall = () => performance.timeOrigin + performance.now();
let came: [string, number][] = [];
const server = createServer((request, response) => {
  let body = "";
  if (request.url === "/") request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.resume().on("end", () => {
    if (came.length === 0)
      setImmediate(() => {
        process.send?.({ came });
        came = [];
      });
    const path = request.url?.slice(1) ?? "";
    came.push([path === "" ? (/"id":"([^"]*)"/.exec(body)?.[1] ?? "") : path, wall()]);
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
process.on("disconnect", () => process.exit());
