import { setTimeout as sleep } from "node:timers/promises";
import { openidOf } from "../../simulator/identity.ts";
import type { HttpClient } from "../lib/http-client.ts";
import { APP_ID, HOST, NAVIGATION_HEADERS, SCRIPT_HEADERS } from "../lib/settings.ts";
import { type Stage, scriptSimulator } from "../lib/stage.ts";
import { type Ports, Visitor } from "../lib/visitor.ts";
import { type ClientSocket, openWebSocket } from "../lib/web-socket.ts";
import { Tally } from "./tally.ts";

/** The mixed load: each kind of visit is a loop of its own, and a pool of signed-in visitors is shared by them. */

const SIGNED_IN_VISITORS = 200;
const FAILING_SHARE = 0.05;
const SCRIPT_EVERY_MS = 2_000;
const SLOW_ANSWERS = [
  { endpoint: "access_token", delay_ms: 800, times: 3 },
  { endpoint: "access_token", delay_ms: 2_500 },
  { endpoint: "access_token", delay_ms: 4_000 },
  { endpoint: "access_token", errcode: -1, consume: true },
] as const;

type Setting = { stage: Stage; http: HttpClient; ports: Ports; tally: Tally; isOver: () => boolean };
type Member = { visitor: Visitor; openid: string };

export async function runScenario(stage: Stage, http: HttpClient, ports: Ports, seconds: number): Promise<Tally> {
  const tally = new Tally();
  const members = await signInMembers(http, ports);
  await http.ask({ port: ports.gateway, path: `/instrumented/fail-d1?share=${FAILING_SHARE}`, headers: {} });
  const end = performance.now() + seconds * 1_000;
  const setting: Setting = { stage, http, ports, tally, isOver: () => performance.now() >= end };
  let number = 1_000_000;
  const newVisitor = () => new Visitor(http, ports, number++);
  const loops = [
    ...times(16, () => browse(setting, members)),
    ...times(8, () => logIn(setting, newVisitor)),
    ...times(4, () => logInTwice(setting, newVisitor)),
    ...times(2, () => askAnonymously(setting)),
    ...times(4, () => talk(setting, members)),
    scriptWechat(setting),
  ];
  await Promise.all(loops);
  const { scripted, met } = tally.tooSlow;
  if (met > scripted) tally.blame(`WeChat called unreachable ${met} times, but made so ${scripted} times`);
  return tally;
}

const times = (count: number, start: () => Promise<void>) => Array.from({ length: count }, start);

async function member(visitor: Visitor): Promise<Member> {
  return { visitor, openid: await openidOf(APP_ID, visitor.person) };
}

async function signInMembers(http: HttpClient, ports: Ports): Promise<Member[]> {
  const members: Member[] = [];
  for (let number = 0; number < SIGNED_IN_VISITORS; number++) {
    const visitor = new Visitor(http, ports, number);
    await visitor.signIn("/page");
    members.push(await member(visitor));
  }
  return members;
}

const anyOf = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("nobody is signed in");
  return item;
};

/** A signed-in visitor's pages: the origin says whom it was told, and we know whose cookie it was. */
async function browse(setting: Setting, members: readonly Member[]): Promise<void> {
  while (!setting.isOver()) await viewAs(setting, anyOf(members), "page");
}

async function viewAs({ tally }: Setting, { visitor, openid }: Member, kind: string): Promise<void> {
  try {
    const answer = await visitor.ask("/echo/page");
    if (tally.isFailure(kind, answer)) return;
    if (answer.status !== 200) {
      // A session whose recheck failed too long ends in a login: nobody wrong, but nobody here either.
      tally.count(`${kind}: ${answer.status}`);
      return;
    }
    const seen = JSON.parse(answer.body) as { openid: string | null };
    if (seen.openid !== openid) tally.wrongIdentities++;
    tally.count(`${kind}: ${seen.openid === openid ? "the right visitor" : "THE WRONG VISITOR"}`);
  } catch (error) {
    tally.blame(`${kind}: ${error instanceof Error ? error.message : error}`);
  }
}

async function logIn(setting: Setting, newVisitor: () => Visitor): Promise<void> {
  const { tally } = setting;
  while (!setting.isOver()) {
    const one = await member(newVisitor());
    try {
      await settle(setting, one, await one.visitor.upToCallback("/echo/page"), "login");
    } catch (error) {
      tally.blame(`login: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** WeChat's clients load a callback twice at once: both must end as the same visitor. */
async function logInTwice(setting: Setting, newVisitor: () => Visitor): Promise<void> {
  const { tally } = setting;
  while (!setting.isOver()) {
    const one = await member(newVisitor());
    try {
      const callback = await one.visitor.upToCallback("/echo/page");
      await Promise.all([settle(setting, one, callback, "twin"), settle(setting, one, callback, "twin")]);
    } catch (error) {
      tally.blame(`twin: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Asks for the callback and, when it signed in, for a page. */
async function settle(setting: Setting, one: Member, callback: string, kind: string): Promise<void> {
  const { tally } = setting;
  const answer = await one.visitor.ask(callback);
  if (answer.status === 503 && answer.body.includes("wechat_unreachable")) {
    tally.tooSlow.met++;
    tally.count(`${kind}: 503, WeChat was made too slow`);
    return;
  }
  if (tally.isFailure(kind, answer)) return;
  const signedIn = answer.status === 302 && answer.headers.location === "/echo/page#";
  tally.count(`${kind}: ${signedIn ? "signed in" : answer.status === 302 ? "sent to WeChat again" : answer.status}`);
  if (signedIn) await viewAs(setting, one, `${kind}, then page`);
}

/** A page's script without a session gets its 401, a navigation its way to WeChat. */
async function askAnonymously({ http, ports, tally, isOver }: Setting): Promise<void> {
  while (!isOver()) {
    try {
      const refused = await http.ask({ port: ports.gateway, path: "/echo/data", headers: { ...SCRIPT_HEADERS } });
      if (!tally.isFailure("script without session", refused)) {
        tally.count(`script without session: ${refused.status}`);
        if (refused.status !== 401) tally.wrongIdentities++;
      }
      const forged = { ...NAVIGATION_HEADERS, "x-wx-openid": "oForged", x_wx_openid: "oForged" };
      const open = await http.ask({ port: ports.gateway, path: "/open/echo", headers: forged });
      if (!tally.isFailure("open page", open)) tally.count(`open page: ${open.status}`);
    } catch (error) {
      tally.blame(`anonymous: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** A socket says ten words; each comes back with the openid that the origin learnt at the handshake. */
async function talk({ ports, tally, isOver }: Setting, members: readonly Member[]): Promise<void> {
  while (!isOver()) {
    const { visitor, openid } = anyOf(members);
    let socket: ClientSocket;
    try {
      const headers = { ...visitor.headers(SCRIPT_HEADERS), origin: `http://${HOST}` };
      socket = await openWebSocket({ port: ports.gateway, path: "/socket", headers });
    } catch (error) {
      // A handshake that met an injected D1 error is refused; the answer's header is out of reach here.
      const message = error instanceof Error ? error.message : String(error);
      if (message === "refused with 503") tally.count("WebSocket: refused with 503 (recheck without D1)");
      else tally.blame(`WebSocket: ${message}`);
      continue;
    }
    for (let word = 0; word < 10 && !isOver(); word++) {
      const echo = await socket.ask(`word ${word}`);
      const isRight = echo === `${openid} word ${word}`;
      if (!isRight) tally.wrongIdentities++;
      tally.count(`WebSocket: ${isRight ? "the right visitor" : "THE WRONG VISITOR"}`);
      await sleep(20);
    }
    socket.close();
  }
}

async function scriptWechat({ stage, isOver, tally }: Setting): Promise<void> {
  while (!isOver()) {
    await scriptSimulator(stage, SLOW_ANSWERS);
    tally.tooSlow.scripted++; // the one that takes longer than the gateway waits
    tally.count("WeChat: made slow or busy");
    await sleep(SCRIPT_EVERY_MS);
  }
}
