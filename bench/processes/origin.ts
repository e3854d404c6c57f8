/** The site behind the Workers: as little work as a Node server can do. `node bench/processes/origin.ts` */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { acceptWebSocket } from "../lib/web-socket.ts";

const PAGE = Buffer.from(`<!doctype html><title>page</title><p>${"origin ".repeat(140)}</p>`);
const PRIVATE_PAGE = {
  "content-type": "text/html",
  "content-length": PAGE.length,
  "cache-control": "private, no-store",
};
/** The second origin of the report: without Cache-Control a gateway must add its own. */
const PLAIN_PAGE = { "content-type": "text/html", "content-length": PAGE.length };

const MEGABYTE = 1_000_000;
const chunk = Buffer.alloc(MEGABYTE / 10, "x");

const server = createServer(answer);
server.on("upgrade", acceptUpgrade);
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => console.log(`origin ${(server.address() as AddressInfo).port}`));
process.on("disconnect", () => process.exit(0));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  if (path.startsWith("/echo/")) echo(request, response);
  else if (path.startsWith("/download/")) download(Number(path.slice("/download/".length)), response);
  else if (path.startsWith("/upload")) upload(request, response);
  else response.writeHead(200, path.startsWith("/plain/") ? PLAIN_PAGE : PRIVATE_PAGE).end(PAGE);
}

/** Whom the gateway says this is: the load test knows whose session it sent. */
function echo({ headers }: IncomingMessage, response: ServerResponse): void {
  const seen = { openid: headers["x-wx-openid"] ?? null, user: headers["x-wx-user"] ?? null };
  const body = JSON.stringify(seen);
  response.writeHead(200, { "content-type": "application/json", "cache-control": "private, no-store" }).end(body);
}

function download(megabytes: number, response: ServerResponse): void {
  let left = megabytes * MEGABYTE;
  response.writeHead(200, { "content-length": left, "cache-control": "private, no-store" });
  const write = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
}

function upload(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on("data", (data: Buffer) => {
    bytes += data.length;
  });
  request.on("end", () => response.writeHead(200, { "cache-control": "private, no-store" }).end(String(bytes)));
}

/** Every text comes back with the openid that the handshake carried. */
function acceptUpgrade(request: IncomingMessage, socket: Duplex): void {
  const openid = request.headers["x-wx-openid"] ?? "nobody";
  acceptWebSocket(request, socket, (text, send) => send(`${openid} ${text}`));
}
