import type { Bundle } from "../lib/build.ts";
import { residentMegabytes } from "../lib/machine.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { HOST, SCRIPT_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { type ClientSocket, openWebSocket } from "../lib/web-socket.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";
import { startBare, startGateway } from "../lib/workers.ts";

/** Many open WebSockets of different visitors, all alive at once. */

export type Sockets = { count: number; gateway: SocketResult; bare: SocketResult };
type SocketResult = { echoed: number; kilobytesEach: number };

const OPENED_AT_ONCE = 50;

export async function measureSockets(stage: Stage, bundle: Bundle, count: number): Promise<Sockets> {
  const cookies = await sealedCookies({ count, gatewaySecret: stage.keys.gatewaySecret });
  const gateway = await measureOn(await startGateway(stage, bundle), cookies);
  const bare = await measureOn(await startBare(stage), cookies);
  return { count, gateway, bare };
}

async function measureOn(worker: Workerd, cookies: readonly string[]): Promise<SocketResult> {
  const port = portOf(worker);
  const open = (cookie: string) => {
    const headers = { ...SCRIPT_HEADERS, origin: `http://${HOST}`, cookie };
    return openWebSocket({ port, path: "/socket", headers });
  };
  // The first ones bring code and buffers along that the others share.
  const first = await Promise.all(cookies.slice(0, OPENED_AT_ONCE).map(open));
  const before = residentMegabytes(worker.pid);
  const sockets: ClientSocket[] = [];
  for (let at = 0; at < cookies.length; at += OPENED_AT_ONCE) {
    sockets.push(...(await Promise.all(cookies.slice(at, at + OPENED_AT_ONCE).map(open))));
  }
  const echoes = await Promise.all(sockets.map((socket, index) => socket.ask(`ping ${index}`)));
  const after = residentMegabytes(worker.pid);
  for (const socket of [...first, ...sockets]) socket.close();
  await worker.stop();
  return {
    echoed: echoes.filter((text, index) => text.endsWith(` ping ${index}`)).length,
    kilobytesEach: ((after - before) * 1_000) / sockets.length,
  };
}
