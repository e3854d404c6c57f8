import type { Visit } from "../visit.ts";

/**
 * Callbacks that are about to call WeChat: 5 a minute per state, 600 a minute per client address (IPv6: /64; carrier
 * NAT puts whole cities behind one address). Login starts are not limited: they cost no I/O.
 */
export async function isFlooding(visit: Visit, state: string): Promise<boolean> {
  const { CALLBACK_STATE_LIMIT, CALLBACK_ADDRESS_LIMIT } = visit.runtime.env;
  const address = visit.request.headers.get("cf-connecting-ip");
  // One after the other: what the state's limit refuses must not use up an address that a whole city may share.
  const isWithin =
    (await withinLimit(CALLBACK_STATE_LIMIT, state)) &&
    (address === null || (await withinLimit(CALLBACK_ADDRESS_LIMIT, addressKey(address))));
  return !isWithin;
}

/** The limiter spares calls, it guards nothing: without it, or when it fails, the login goes on. */
async function withinLimit(limiter: RateLimit | undefined, key: string): Promise<boolean> {
  try {
    return limiter === undefined || (await limiter.limit({ key })).success;
  } catch {
    return true;
  }
}

/** IPv4 as it is; IPv6 by its /64, which one subscriber holds whole. */
export function addressKey(address: string): string {
  // `::ffff:192.0.2.1` is an IPv4 address too; by its /64 all of them would share one limit.
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
