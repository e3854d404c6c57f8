/** The people one can be. Ids are stable: tests and bookmarks may name them. */

export type Person = {
  id: string;
  /** Text, or the raw bytes between the JSON quotes where WeChat sends what no JSON encoder would. */
  nickname: string | Uint8Array;
  /** Shown on the list of people. */
  about: { zh: string; en: string };
  hasUnionid: boolean;
  hasAvatar: boolean;
  /** Opened the page in WeChat's browse-only mode: identity is virtual. */
  isSnapshot: boolean;
  /** WeChat answers 50002. */
  isBanned: boolean;
};

/** What a person differs by from an ordinary one. */
type Special = Partial<Pick<Person, "hasUnionid" | "hasAvatar" | "isSnapshot" | "isBanned">>;

const utf8 = (text: string) => new TextEncoder().encode(text);

function person(id: string, nickname: Person["nickname"], zh: string, en: string, special: Special = {}): Person {
  const ordinary = { hasUnionid: true, hasAvatar: true, isSnapshot: false, isBanned: false };
  return { id, nickname, about: { zh, en }, ...ordinary, ...special };
}

const GENERATED = /^test-[A-Za-z0-9_.-]{1,64}$/;

const LIST: readonly Person[] = [
  person("ming", "小明", "普通用户", "ordinary"),
  person("panda", "🐼熊猫👨‍👩‍👧‍👦🇨🇳", "表情昵称", "emoji nickname"),
  person("control", utf8("控制\u0007字符\u0014"), "昵称含控制字符", "raw bytes 0x07 and 0x14"),
  person("surrogate", utf8("半个表情\\ud83d"), "昵称含半个代理对", "lone surrogate \\ud83d"),
  person("badutf8", Uint8Array.of(...utf8("坏"), 0xe4, 0xb8, ...utf8("码"), 0xff), "昵称不是 UTF-8", "invalid UTF-8"),
  person("private", "私有\ue101区\ue14c", "昵称含私有区字符", "private use U+E101, U+E14C"),
  person("markup", `<b onclick="x">O'Brien</b>\\&amp;/{user}`, "昵称含标记", "markup and quotes"),
  person("long", "很长的昵称".repeat(60), "超长昵称", "900 bytes of nickname"),
  person("blank", "", "没有昵称和头像", "no nickname, no avatar", { hasAvatar: false }),
  person("nounion", "无联合", "没有 unionid", "no unionid", { hasUnionid: false }),
  person("snapshot", "微信用户", "快照页访客", "snapshot visitor, virtual identity", { isSnapshot: true }),
  person("banned", "被封禁", "账号被封禁 (50002)", "banned account (50002)", { isBanned: true }),
];

/** Everybody on the simulator's list; the first is the default. */
export const PEOPLE: readonly Person[] = LIST;

export const DEFAULT_PERSON_ID = "ming";

/** A person by id; `test-ANYTHING` is made on the fly, so that a test can have thousands. */
export function findPerson(id: string): Person | undefined {
  const known = LIST.find((one) => one.id === id);
  if (known !== undefined) return known;
  return GENERATED.test(id) ? person(id, `测试 ${id.slice("test-".length)}`, "测试用户", "generated") : undefined;
}

/** The nickname as a page can show it. */
export function nicknameText(one: Person): string {
  return typeof one.nickname === "string" ? one.nickname : new TextDecoder().decode(one.nickname);
}
