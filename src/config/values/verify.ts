/** WeChat's domain verification files. */
import { utf8Bytes } from "../../encoding.ts";
import { complain, type Read } from "../complaint.ts";
import { list, text } from "../schema.ts";

type VerifyFile = { name: string; body: string };

const CODE = /^[A-Za-z0-9]{16}$/;
const FILE_NAME = /^[A-Za-z0-9_-]{4,64}\.txt$/;
const MAX_BODY_BYTES = 512;
const FORMS = 'Write the 16 characters X of MP_verify_X.txt, or NAME=BODY: "WW_verify_abc.txt=abc".';

/** Reads `X` (the file `MP_verify_X.txt`) or `NAME=BODY`. */
export function readVerifyFile(entry: string): Read<VerifyFile> {
  if (CODE.test(entry)) return { name: `MP_verify_${entry}.txt`, body: entry };
  const [, code] = /^MP_verify_([A-Za-z0-9]{16})(?:\.txt)?$/.exec(entry) ?? [];
  if (code !== undefined) return complain("has no body", `Write "${code}": name and body follow from it.`);
  const equals = entry.indexOf("=");
  if (equals < 0) return complain("is no verification file", FORMS);
  const name = entry.slice(0, equals);
  const body = entry.slice(equals + 1);
  if (!FILE_NAME.test(name)) {
    return complain("names a file that is not allowed", "Use 4 to 64 of A-Z a-z 0-9 _ - and .txt, without folders.");
  }
  if (body === "" || /\p{C}/u.test(body)) {
    return complain("has no printable body", "Write the file's exact content after =, on one line.");
  }
  if (utf8Bytes(body).length > MAX_BODY_BYTES) {
    return complain("has too long a body", `Use ${MAX_BODY_BYTES} bytes at most.`);
  }
  return { name, body };
}

/** A schema for the list; one name with two bodies is a mistake. */
export const VERIFY_FILES = list(text(readVerifyFile), (entries): Read<ReadonlyMap<string, string>> => {
  const files = new Map(entries.map(({ name, body }) => [name, body]));
  const lost = entries.find(({ name, body }) => files.get(name) !== body);
  return lost === undefined ? files : complain("gives one file two bodies", "Keep one of them.", { shown: lost.name });
});
