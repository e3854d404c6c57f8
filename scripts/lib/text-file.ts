import { readFileSync } from "node:fs";

/** A file's text, without a byte order mark. UTF-8 only: in another encoding half of the file would become question marks. */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isWide) throw new Error(`${path}: is UTF-16 (PowerShell's ">" writes that); save it as UTF-8`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: is not UTF-8 (perhaps GBK or another national encoding); save it as UTF-8`);
  }
}
