/** Header templates: text with `{word}`, `{a|b}`, or `{secret:NAME}` alone. */
import { complain, type Read, Wrong } from "../complaint.ts";
import { TEMPLATE_WORDS, type TemplatePart, type TemplateWord } from "../config.ts";
import { suggest } from "../nearest.ts";
import { readSecretName } from "./name.ts";

/** A template before the secret it names is looked up. */
export type RawTemplate = { secretName: string } | { parts: readonly TemplatePart[] };

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const SECRET = "secret:";

const isWord = (word: string): word is TemplateWord => TEMPLATE_WORDS.some((known) => known === word);

function readWords(inside: string): Read<TemplateWord[]> {
  const words: TemplateWord[] = [];
  for (const word of inside.split("|")) {
    if (word.trim().startsWith(SECRET)) {
      return complain("mixes {secret:NAME} with something else", "Write it alone; put other text into the secret.");
    }
    if (!isWord(word)) return complain(`has the unknown word {${word}}`, suggest(word, TEMPLATE_WORDS));
    words.push(word);
  }
  return words;
}

/** Reads a template; every word in it must be known. */
export function readTemplate(template: string): Read<RawTemplate> {
  if (template.trim() === "") return complain("is empty", "Write a template, or remove the header.");
  if (!PRINTABLE_ASCII.test(template)) {
    return complain("has characters that a header cannot carry", "Use printable ASCII.");
  }
  const [, secret] = /^\{secret:([^{}|]*)\}$/.exec(template) ?? [];
  if (secret !== undefined) {
    const name = readSecretName(secret);
    return name instanceof Wrong ? name : { secretName: name };
  }
  return readParts(template);
}

function readParts(template: string): Read<RawTemplate> {
  const parts: TemplatePart[] = [];
  // Odd pieces are the insides of braces.
  for (const [index, piece] of template.split(/\{([^{}]*)\}/).entries()) {
    if (index % 2 === 1) {
      const words = readWords(piece);
      if (words instanceof Wrong) return words;
      parts.push({ words });
    } else if (/[{}]/.test(piece)) {
      return complain("has a brace without its partner", "Write words as {user}; a lone brace cannot be sent.");
    } else if (piece !== "") {
      parts.push({ text: piece });
    }
  }
  return { parts };
}
