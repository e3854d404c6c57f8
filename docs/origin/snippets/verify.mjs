// npm install jose
import { createRemoteJWKSet, jwtVerify } from "jose";

const SITE = process.env.WXGATE_SITE ?? "https://www.example.com"; // scheme and host that visitors see
const keys = createRemoteJWKSet(new URL("/_wx/jwks.json", SITE), {
  headers: { "user-agent": "wxgate-verify" },
  timeoutDuration: 3_000,
  cacheMaxAge: 300_000,
}); // fetched once, kept for 5 minutes; an unknown kid asks again, at most every 30 seconds

/** Who signed in, from the X-WX-ASSERTION header; throws when it proves nothing. */
export async function visitorOf(assertion) {
  const { payload } = await jwtVerify(assertion, keys, {
    algorithms: ["ES256"],
    typ: "wxgate+jwt",
    issuer: SITE,
    audience: new URL(SITE).host,
    requiredClaims: ["sub", "openid", "iat", "exp"],
    maxTokenAge: "5 minutes",
    clockTolerance: 10,
  });
  return payload; // sub, openid, appid, level, sid, amr; unionid and site_user when known
}
