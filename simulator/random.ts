/** Random texts in the shapes that WeChat's codes and tokens have. */

const ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const URL_SAFE = `${ALPHANUMERIC}_-`;

function randomText(length: number, alphabet: string): string {
  let text = "";
  // Modulo bias is fine: nothing here guards anything.
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) text += alphabet[byte % alphabet.length];
  return text;
}

/** 32 characters, as WeChat's codes are today. */
export function randomCode(): string {
  return `0${randomText(31, ALPHANUMERIC)}`;
}

/** An access or refresh token: `92_` and 86 characters. */
export function randomToken(): string {
  return `92_${randomText(86, URL_SAFE)}`;
}

/** The id of a consent page. */
export function randomTicket(): string {
  return randomText(24, ALPHANUMERIC);
}

/** `rid: 6243e0d5-0a8f5d1d-5b1c2f3e`: what WeChat's support asks for. */
export function randomRid(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  return `${hex.slice(0, 8)}-${hex.slice(8, 16)}-${hex.slice(16)}`;
}
