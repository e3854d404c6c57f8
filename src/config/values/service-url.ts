/** WeChat's addresses, or the simulator's. */
import { complain, type Read, Wrong } from "../complaint.ts";
import { isLoopback } from "./address.ts";
import { readBaseUrl } from "./base-url.ts";

type ServiceUrl = {
  /** Without a trailing slash. */
  base: string;
  /** Plain http on this machine: the simulator. */
  simulated: boolean;
};

/** Reads https, or http on loopback; nothing else may carry codes and secrets. */
export function readServiceUrl(text: string): Read<ServiceUrl> {
  const url = readBaseUrl(text);
  if (url instanceof Wrong) return url;
  const { protocol, hostname, origin } = url;
  if (protocol === "http:" && !isLoopback(hostname)) {
    return complain("is plain http to another machine", "Use https; http is for a simulator on localhost only.");
  }
  return { base: origin, simulated: protocol === "http:" };
}
