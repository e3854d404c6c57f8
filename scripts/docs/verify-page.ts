import { readFileSync } from "node:fs";
import { extname } from "node:path";

const LANGUAGES: Record<string, string> = { ".mjs": "js", ".py": "python", ".php": "php" };

/** `docs/origin/verify.md`: the tested snippet files, word for word, under their markers. */
export function verifyPage(): string {
  const page = readFileSync("docs/origin/verify.md", "utf8");
  return page.replace(/<!-- snippet: (\S+) -->\n(?:\n```[\s\S]*?\n```\n)?/g, (_marker, file: string) => {
    const code = readFileSync(`docs/origin/${file}`, "utf8").trimEnd();
    return `<!-- snippet: ${file} -->\n\n\`\`\`${LANGUAGES[extname(file)] ?? ""}\n${code}\n\`\`\`\n`;
  });
}
