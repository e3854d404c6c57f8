import type { ImportRow } from "./import-row.ts";

/** More than this many rows about one person in one batch, and the rest is asked for again. */
export const WAVES_MAX = 12;

export type Waves = {
  /** Indexes of rows. Within a wave no two rows share an openid of one AppID, a unionid or a site user. */
  waves: number[][];
  /** Indexes of rows that found no wave. */
  left: number[];
};

/**
 * Splits a batch so that a wave can be judged and stored as a set, as if its rows came one by one: whatever shares a key
 * with an earlier row comes in a later wave. Files rarely need more than one or two.
 */
export function splitIntoWaves(rows: readonly ImportRow[]): Waves {
  const waves: number[][] = [];
  const left: number[] = [];
  const lastWave = new Map<string, number>();
  for (const [index, { appId, openid, unionid, siteUser }] of rows.entries()) {
    const keys = [`o ${appId} ${openid}`];
    if (unionid !== null) keys.push(`u ${unionid}`);
    if (siteUser !== null) keys.push(`s ${siteUser}`);
    const wave = 1 + Math.max(...keys.map((key) => lastWave.get(key) ?? -1));
    for (const key of keys) lastWave.set(key, wave);
    if (wave >= WAVES_MAX) left.push(index);
    else if (wave === waves.length) waves.push([index]);
    else waves[wave]?.push(index);
  }
  return { waves, left };
}
