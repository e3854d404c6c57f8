import { createHash, randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";

/** WebSockets as far as an echo needs them: unfragmented texts of at most 125 bytes, and closing. */

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x81;
const CLOSE_OPCODE = 8;
const SHORT_MAX = 125;

/** The server's half of the handshake, and its frames. */
export function acceptWebSocket(
  { headers }: IncomingMessage,
  socket: Duplex,
  onText: (text: string, send: (text: string) => void) => void,
): void {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const send = (text: string) => socket.write(frame(text, false));
  readFrames(socket, (text) => onText(text, send));
}

export type ClientSocket = {
  /** Sends a text and resolves with the next one that comes. */
  ask: (text: string) => Promise<string>;
  close: () => void;
};

type SocketTarget = { port: number; path: string; headers: Record<string, string> };

/** The client's half; rejects with the status of a refusal. */
export function openWebSocket({ port, path, headers }: SocketTarget): Promise<ClientSocket> {
  return new Promise((resolve, reject) => {
    const handshake = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
    };
    const outgoing = request({ host: "127.0.0.1", port, path, headers: { ...headers, ...handshake } });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      response.resume();
      reject(new Error(`refused with ${response.statusCode}`));
    });
    outgoing.once("upgrade", (_response, socket) => resolve(clientOn(socket)));
    outgoing.end();
  });
}

function clientOn(socket: Duplex): ClientSocket {
  const waiting: Array<{ resolve: (text: string) => void; reject: (error: Error) => void }> = [];
  readFrames(socket, (text) => waiting.shift()?.resolve(text));
  const fail = () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the socket was closed"));
  };
  socket.once("close", fail);
  socket.on("error", fail);
  return {
    ask: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        socket.write(frame(text, true));
      }),
    close: () => socket.destroy(),
  };
}

function frame(text: string, masked: boolean): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > SHORT_MAX) throw new Error("too long for this small implementation");
  if (!masked) return Buffer.concat([Buffer.of(TEXT, payload.length), payload]);
  const mask = randomBytes(4);
  return Buffer.concat([
    Buffer.of(TEXT, 0x80 | payload.length),
    mask,
    payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0)),
  ]);
}

function readFrames(socket: Duplex, onText: (text: string) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (data: Buffer) => {
    pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
    for (;;) {
      const [first, second] = pending;
      if (first === undefined || second === undefined) return;
      const isMasked = (second & 0x80) !== 0;
      const start = isMasked ? 6 : 2;
      const end = start + (second & 0x7f);
      if (pending.length < end) return;
      const payload = pending.subarray(start, end);
      const mask = pending.subarray(2, 6);
      const text = isMasked ? Buffer.from(payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0))) : payload;
      pending = pending.subarray(end);
      if ((first & 0x0f) === CLOSE_OPCODE) socket.end();
      else onText(text.toString());
    }
  });
}
