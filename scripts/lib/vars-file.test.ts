import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeVars } from "./vars-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wxgate-vars-"));
  file = join(folder, ".dev.vars");
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(old: string, lines: Record<string, string>): string {
  writeFileSync(file, old);
  writeVars(file, lines);
  return readFileSync(file, "utf8");
}

describe("a file of variables", () => {
  it("keeps every line but those that are replaced, and gets what is new at its end", () => {
    const old = "# don't touch\nexport A = 1\n\nKEY=old # mine\nB='2'\n";
    expect(written(old, { KEY: "KEY=new", C: "C=3" })).toBe("# don't touch\nexport A = 1\n\nKEY=new\nB='2'\nC=3\n");
  });

  it.each(["'", '"', "`"])(
    "loses the whole of a value that %s quotes over several lines: it may be an old key",
    (quote) => {
      const old = `A=1\nKEY=${quote}{\n  keys: [\n    KEY=secret\n  ]\n}${quote} # end\nB=2\n`;
      expect(written(old, { KEY: "KEY=new" })).toBe("A=1\nKEY=new\nB=2\n");
    },
  );

  it("takes nothing for a variable that stands within another's value, and no lone quote for a beginning", () => {
    const old = "A='\nKEY=text\n'\nB=it's\nKEY=it's\n";
    const text = written(old, { KEY: "KEY=new" });
    expect(text).toBe("A='\nKEY=text\n'\nB=it's\nKEY=new\n");
    expect(parseEnv(text)).toEqual({ A: "\nKEY=text\n", B: "it's", KEY: "new" });
  });

  it("is made where there is none", () => {
    writeVars(file, { A: "A=1", B: "B=2" });
    expect(readFileSync(file, "utf8")).toBe("A=1\nB=2\n");
    expect(statSync(file).mode & 0o077).toBe(0);
  });
});
