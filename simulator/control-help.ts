/** The control endpoint in words: `GET /control`. README.md says the same at length. */

import { ERRCODES } from "./errcodes.ts";

export function controlHelp(): string {
  const codes = Object.entries(ERRCODES).map(([code, { errmsg }]) => `  ${code.padStart(6)}  ${errmsg}`);
  return `WeChat simulator: control

POST /control               {"next":[ANSWER, ...]}   script the next answers (appended to the queue)
POST /control/person        {"person":"ID"}          who asks when neither header nor cookie says so
POST /control/consent       {"answer":"ask|allow|refuse"}  the consent page's preset answer
POST /control/snapshot_once                          the next authorize request is a snapshot visitor's
POST /control/clock         {"advance_seconds":N}    moves the simulator's clock
POST /control/apps          {"apps":[{"appid","secret","domains","group","problem"}]}  replaces the accounts
POST /control/reset                                  back to the start: queue, codes, tokens, clock, calls
GET  /control/calls                                  counts and the last calls, secrets redacted
GET  /control/authorizations                         the last callbacks handed out, with their codes
GET  /control/next                                   the answers still queued

ANSWER for "access_token", "refresh_token", "auth", "userinfo":
  {"endpoint":"access_token","errcode":40163}           an error, errmsg from the table ("errmsg" overrides)
  {"endpoint":"access_token","consume":true,"errcode":-1}  an error although the code is consumed
  {"endpoint":"access_token","html":true,"status":502}  an HTML page
  {"endpoint":"userinfo","body":"..."} / {"bytes":"BASE64"}  any body
  {"endpoint":"userinfo","delay_ms":2500}               the real answer, late (the code is consumed at once)
  {"endpoint":"access_token","hang":true}               no answer until the client gives up, at most 60 s
  {"endpoint":"access_token","omit":["scope"],"set":{"is_snapshotuser":1}}  the real answer, changed
ANSWER for "authorize":
  {"endpoint":"authorize","errcode":10003}   WeChat's error page
  {"endpoint":"authorize","twin":true}       the callback is loaded twice at once; "after": one after the other
  {"endpoint":"authorize","same_code":true}  the code of the last second once more
  {"endpoint":"authorize","no_code":true} / {"authdeny":true} / {"forget_unionid":true}
Every ANSWER: "times":N (default 1), "appid":"wx..." (only for this AppID), "status", "headers", "delay_ms", "hang"

Headers of an authorize request: X-Simulator-Person: ID · X-Simulator-Consent: allow|refuse|return

errcodes:
${codes.join("\n")}
`;
}
