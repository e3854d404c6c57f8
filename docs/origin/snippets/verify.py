# pip install "pyjwt[crypto]"   (Debian: python3-jwt python3-cryptography)
import http.client
import json
import os
import threading
import time
import urllib.request
from urllib.parse import urlsplit

import jwt

SITE = os.environ.get("WXGATE_SITE", "https://www.example.com")  # scheme and host that visitors see
CLOCK_TOLERANCE_SECONDS = 10


def visitor_of(assertion):
    """Who signed in, from the X-WX-ASSERTION header; raises jwt.PyJWTError when it proves nothing."""
    header = jwt.get_unverified_header(assertion)
    if header.get("typ") != "wxgate+jwt":
        raise jwt.InvalidTokenError("not an assertion of wxgate")
    claims = jwt.decode(
        assertion,
        key_of(header.get("kid")),
        algorithms=["ES256"],
        issuer=SITE,
        audience=urlsplit(SITE).netloc,
        leeway=CLOCK_TOLERANCE_SECONDS,
        options={"require": ["iss", "aud", "sub", "iat", "exp"]},
    )
    if not isinstance(claims.get("openid"), str) or claims["iat"] < time.time() - 300 - CLOCK_TOLERANCE_SECONDS:
        raise jwt.InvalidTokenError("no openid, or too old")
    return claims  # sub, openid, appid, level, sid, amr; unionid and site_user when known


_kept, _asked_at, _lock = ({}, float("-inf")), float("-inf"), threading.Lock()  # the keys, and when they came


def kept_key(kid):
    keys, came_at = _kept
    return keys.get(kid) if time.monotonic() - came_at < 300 else None


def key_of(kid):
    """The public key of that kid. Kept for 5 minutes; an unknown kid, or a failure, asks again, at most every 30 seconds."""
    global _kept, _asked_at
    key = kept_key(kid)
    if key is not None:
        return key  # whoever has one does not wait for another thread's request
    with _lock:
        if kept_key(kid) is None and time.monotonic() - _asked_at > 30:
            _asked_at = time.monotonic()
            _kept = fetch_keys(), _asked_at
    key = kept_key(kid)
    if key is None:
        raise jwt.InvalidTokenError("signed by no key of the gateway")
    return key


def fetch_keys():
    # Not by PyJWKClient: that of Debian 12 has neither User-Agent nor timeout to set, and Cloudflare may refuse urllib's own name.
    request = urllib.request.Request(SITE + "/_wx/jwks.json", headers={"User-Agent": "wxgate-verify"})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(json.load(answer)).keys}
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise jwt.PyJWKClientError(f"no keys from {request.full_url}: {error}") from error
