import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Bundle } from "../lib/build.ts";
import { residentMegabytes } from "../lib/machine.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { NAVIGATION_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";
import { startBare, startGateway } from "../lib/workers.ts";

/** A large upload and a large download of a signed-in visitor: streamed, so memory does not follow their size. */

type Stream = { seconds: number; growthMegabytes: number };
export type Streams = {
  megabytes: number;
  gateway: { upload: Stream; download: Stream };
  bare: { upload: Stream; download: Stream };
};

const MEGABYTE = 1_000_000;
const SAMPLE_MS = 20;
/** Small ones first: buffers and code that the first stream of all brings along are no growth. */
const WARM_UP_MEGABYTES = 20;

export async function measureStreams(stage: Stage, bundle: Bundle, megabytes: number): Promise<Streams> {
  const [cookie = ""] = await sealedCookies({ count: 1, gatewaySecret: stage.keys.gatewaySecret });
  const headers = { ...NAVIGATION_HEADERS, cookie };
  const both = async (worker: Workerd) => {
    const port = portOf(worker);
    await download(port, headers, WARM_UP_MEGABYTES);
    await upload(port, headers, WARM_UP_MEGABYTES);
    const result = {
      upload: await watched(worker.pid, () => upload(port, headers, megabytes)),
      download: await watched(worker.pid, () => download(port, headers, megabytes)),
    };
    await worker.stop();
    return result;
  };
  return {
    megabytes,
    gateway: await both(await startGateway(stage, bundle)),
    bare: await both(await startBare(stage)),
  };
}

async function watched(pid: number, work: () => Promise<void>): Promise<Stream> {
  const before = residentMegabytes(pid);
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(pid));
  }, SAMPLE_MS);
  const start = performance.now();
  await work();
  clearInterval(timer);
  return { seconds: (performance.now() - start) / 1_000, growthMegabytes: peak - before };
}

async function download(port: number, headers: Record<string, string>, megabytes: number): Promise<void> {
  const outgoing = request({ host: "127.0.0.1", port, path: `/download/${megabytes}`, headers });
  outgoing.end();
  const response = await answerOf(outgoing);
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  if (bytes !== megabytes * MEGABYTE) throw new Error(`download: ${response.statusCode}, ${bytes} bytes`);
}

async function upload(port: number, headers: Record<string, string>, megabytes: number): Promise<void> {
  const length = megabytes * MEGABYTE;
  const outgoing = request({
    host: "127.0.0.1",
    port,
    path: "/upload",
    method: "POST",
    headers: { ...headers, "content-type": "application/octet-stream", "content-length": String(length) },
  });
  const answered = answerOf(outgoing);
  const chunk = Buffer.alloc(MEGABYTE / 10, "x");
  for (let sent = 0; sent < length; sent += chunk.length) {
    if (!outgoing.write(chunk)) await new Promise<void>((resolve) => outgoing.once("drain", resolve));
  }
  outgoing.end();
  const response = await answered;
  let text = "";
  for await (const part of response) text += String(part);
  if (text !== String(length)) throw new Error(`upload: ${response.statusCode} ${text.slice(0, 200)}`);
}

function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
  });
}
