/** What an authorize request grants, and the code that stands for it. */

import type { App } from "./apps.ts";
import type { AuthorizeRequest } from "./authorize-query.ts";
import { openidOf, unionidOf } from "./identity.ts";
import type { Person } from "./people.ts";
import { randomCode } from "./random.ts";
import { nowOf, type SimulatorState } from "./state.ts";

/** How long the PC client hands out the same code again. */
const SAME_CODE_WINDOW_MS = 1_000;

export type Grant = {
  appid: string;
  person: Person;
  scope: AuthorizeRequest["scope"];
  openid: string;
  unionid: string | null;
  isSnapshot: boolean;
};

type GrantOptions = { isSnapshot: boolean; forgetUnionid: boolean };

/** Who signs in where, with which identity. */
export async function makeGrant(
  app: App,
  person: Person,
  scope: Grant["scope"],
  { isSnapshot, forgetUnionid }: GrantOptions,
): Promise<Grant> {
  const withUnionid = app.group !== null && person.hasUnionid && !forgetUnionid;
  return {
    appid: app.appid,
    person,
    scope,
    openid: await openidOf(app.appid, person.id, isSnapshot),
    unionid: withUnionid && app.group !== null ? await unionidOf(app.group, person.id, isSnapshot) : null,
    isSnapshot,
  };
}

/** A fresh code; with `sameCode`, the last one of this person and AppID if it is young enough. */
export function issueCode(state: SimulatorState, grant: Grant, sameCode: boolean): string {
  const now = nowOf(state);
  if (sameCode) {
    for (const [code, issued] of [...state.codes].reverse()) {
      if (now - issued.issuedAt > SAME_CODE_WINDOW_MS) break;
      if (issued.grant.appid === grant.appid && issued.grant.person.id === grant.person.id) return code;
    }
  }
  const code = randomCode();
  state.codes.set(code, { grant, issuedAt: now, used: false });
  return code;
}
