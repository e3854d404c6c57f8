# pip install "pyjwt[crypto]"   (Debian: python3-jwt python3-cryptography)
import os
import time
from urllib.parse import urlsplit

import jwt

SITE = os.environ.get("WXGATE_SITE", "https://www.example.com")  # scheme and host that visitors see
KEYS = jwt.PyJWKClient(SITE + "/_wx/jwks.json", lifespan=300)  # fetched once, kept for 5 minutes
CLOCK_TOLERANCE_SECONDS = 10


def visitor_of(assertion):
    """Who signed in, from the X-WX-ASSERTION header; raises jwt.PyJWTError when it proves nothing."""
    if jwt.get_unverified_header(assertion).get("typ") != "wxgate+jwt":
        raise jwt.InvalidTokenError("not an assertion of wxgate")
    claims = jwt.decode(
        assertion,
        KEYS.get_signing_key_from_jwt(assertion).key,
        algorithms=["ES256"],
        issuer=SITE,
        audience=urlsplit(SITE).netloc,
        leeway=CLOCK_TOLERANCE_SECONDS,
        options={"require": ["iss", "aud", "sub", "iat", "exp"]},
    )
    if not isinstance(claims.get("openid"), str) or claims["iat"] < time.time() - 300 - CLOCK_TOLERANCE_SECONDS:
        raise jwt.InvalidTokenError("no openid, or too old")
    return claims  # sub, openid, appid, level, sid, amr; unionid and site_user when known
