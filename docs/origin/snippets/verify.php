<?php
// Needs only PHP 7.4 or later with openssl and allow_url_fopen (both usual); no library.

define('WXGATE_SITE', getenv('WXGATE_SITE') ?: 'https://www.example.com'); // scheme and host that visitors see
const WXGATE_CLOCK_TOLERANCE_SECONDS = 10;

/** Who signed in, from $_SERVER['HTTP_X_WX_ASSERTION']; null when it proves nothing. */
function wxgate_visitor(string $assertion): ?array
{
    $parts = explode('.', $assertion);
    if (count($parts) !== 3) return null;
    [$header, $claims] = array_map(fn ($part) => json_decode(wxgate_base64url($part), true), [$parts[0], $parts[1]]);
    $signature = wxgate_base64url($parts[2]);
    if (!is_array($header) || !is_array($claims) || strlen($signature) !== 64) return null;
    if (($header['alg'] ?? '') !== 'ES256' || ($header['typ'] ?? '') !== 'wxgate+jwt') return null;

    $key = wxgate_public_key($header['kid'] ?? null);
    $signed = $parts[0] . '.' . $parts[1];
    if ($key === null || openssl_verify($signed, wxgate_der_signature($signature), $key, OPENSSL_ALGO_SHA256) !== 1) return null;

    $site = parse_url(WXGATE_SITE);
    $host = $site['host'] . (isset($site['port']) ? ':' . $site['port'] : '');
    if (($claims['iss'] ?? null) !== WXGATE_SITE || ($claims['aud'] ?? null) !== $host) return null;
    foreach (['iat', 'exp'] as $time) if (!is_int($claims[$time] ?? null)) return null;
    $now = time();
    if ($now >= $claims['exp'] + WXGATE_CLOCK_TOLERANCE_SECONDS) return null;
    if ($claims['iat'] > $now + WXGATE_CLOCK_TOLERANCE_SECONDS) return null;
    if ($claims['iat'] < $now - 300 - WXGATE_CLOCK_TOLERANCE_SECONDS) return null;
    foreach (['sub', 'openid'] as $name) if (!is_string($claims[$name] ?? null) || $claims[$name] === '') return null;
    return $claims; // sub, openid, appid, level, sid, amr; unionid and site_user when known
}

function wxgate_base64url(string $text): string
{
    return (string) base64_decode(strtr($text, '-_', '+/'), true);
}

/** The public key of that kid, in PEM. APCu keeps the key set for 5 minutes, a failure for 10 seconds; without it, each request asks. */
function wxgate_public_key($kid): ?string
{
    static $set = null, $until = 0;
    $url = WXGATE_SITE . '/_wx/jwks.json';
    $name = "wxgate $url"; // all sites of a PHP-FPM share one APCu: each finds its own keys
    $now = time();
    if ($now >= $until && function_exists('apcu_fetch')) [$set, $until] = apcu_fetch($name) ?: [null, 0];
    if ($now >= $until) {
        $http = stream_context_create(['http' => ['user_agent' => 'wxgate-verify', 'timeout' => 3]]); // https too
        $set = json_decode((string) @file_get_contents($url, false, $http), true);
        $until = $now + (is_array($set) ? 300 : 10);
        if (function_exists('apcu_store')) apcu_store($name, [$set, $until], $until - $now);
    }
    foreach ($set['keys'] ?? [] as $jwk) {
        if (!is_string($kid) || ($jwk['kid'] ?? null) !== $kid || $jwk['kty'] !== 'EC' || $jwk['crv'] !== 'P-256') continue;
        $x = wxgate_base64url($jwk['x']);
        $y = wxgate_base64url($jwk['y']);
        if (strlen($x) !== 32 || strlen($y) !== 32) return null;
        // SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480).
        $der = hex2bin('3059301306072a8648ce3d020106082a8648ce3d03010703420004') . $x . $y;
        return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($der), 64) . "-----END PUBLIC KEY-----\n";
    }
    return null;
}

/** JWS has r and s side by side (RFC 7518 §3.4), openssl wants them as DER. */
function wxgate_der_signature(string $signature): string
{
    $integers = '';
    foreach (str_split($signature, 32) as $number) {
        $number = ltrim($number, "\0");
        if ($number === '' || ord($number[0]) > 0x7f) $number = "\0" . $number;
        $integers .= "\x02" . chr(strlen($number)) . $number;
    }
    return "\x30" . chr(strlen($integers)) . $integers;
}
