import { originOf } from "../gate/host.ts";
import { type Client, clientOf } from "../gate/visitor.ts";
import { failureAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** The visitor's client as the site counts it: with `outside = "flow"` (simulator only) every browser is WeChat. */
export function siteClient(visit: Visit): Client {
  return visit.site.outside === "flow" ? "wechat" : clientOf(visit.request.headers);
}

/** The answer to a navigation that needs WeChat and is not in it: the guide with the page's QR code, or a refusal. */
export function outsideAnswer(visit: Visit, to: string, cookies: readonly string[] = []): Promise<Response> {
  const guide = { kind: "open_in_wechat", url: originOf(visit) + to } as const;
  const page = visit.site.outside === "deny" ? undefined : guide;
  return failureAnswer(visit, "outside_wechat", page, { cookies });
}
