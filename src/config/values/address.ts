/** Which host names stay on this machine or in a private network. */

/** `localhost`, `127.0.0.0/8`, `[::1]`; as `URL.hostname` spells them. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

const PRIVATE = [
  /^10\.\d+\.\d+\.\d+$/,
  /^192\.168\.\d+\.\d+$/,
  /^172\.(1[6-9]|2\d|3[01])\.\d+\.\d+$/,
  /^169\.254\.\d+\.\d+$/,
  /^\[f[cd][0-9a-f]{2}:/,
  /^\[fe[89ab][0-9a-f]:/,
  /\.(local|internal|lan|home\.arpa)$/,
];

/** Loopback, or an address or name that is not reached through the internet. */
export function isPrivate(hostname: string): boolean {
  return isLoopback(hostname) || PRIVATE.some((pattern) => pattern.test(hostname));
}
