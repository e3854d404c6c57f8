import { parseConfig } from "../../src/config/parse.ts";
import { createRuntime } from "../../src/runtime.ts";
import { getTokens, type TokenSet } from "../../src/storage/tokens.ts";
import { APP_ID, type World } from "./world.ts";

/** WeChat's tokens of one openid, as the gateway itself would open them. */
export async function openAt(world: World, openid: string | null): Promise<TokenSet | null> {
  const parsed = await parseConfig(world.env);
  if (!parsed.ok || openid === null) throw new Error("nothing to open");
  const { sealingKeys } = await createRuntime(world.env, parsed.config);
  return getTokens(world.env.TOKENS, sealingKeys, APP_ID, openid);
}
