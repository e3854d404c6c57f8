/** Header names that tell an origin another path, method, host or client than the gateway judged, or "this was checked". */

/**
 * Ours, and whole families of such names. At the end every name that begins with a sign: WebSphere's `$WSSN` names the
 * host, Passenger's `!~` its own variables.
 */
const FAMILIES =
  /^(?:x-wx|forwarded|x-forward|[xz]-forwarded|cloudfront-forwarded|x-forwarder|x-real|x-original|x-originating|x-rewrite|x-rewritten|x-replaced|x-override|x-middleware|x-invoke|x-envoy|x-accel|x-astro|x-arr|x-waws|x-azure|x-appengine|x-vhm|proxy|wl-proxy|http-x|spring-cloud-function)(?:-|$)|^-/;

/** The client's address: each CDN has a name of its own for it. Cloudflare's own stay: the platform sets them. */
const CLIENT_ADDRESS =
  /^(?!cf-)(?:.*-)?(?:(?:client|connecting|real|remote|src|source|visitor|(?:proxy)?user)(?:-connection)?-?(?:ip|addr)|(?:client|remote|viewer|client-ip)-address)$/;

const NAMES = new Set([
  "x-request-id",
  // the client's address, the host or the scheme, as other proxies tell it
  "x-ip",
  "trueclientip",
  "x-forwardedfor",
  "x-vercel-forwarded-for",
  "x-vercel-proxied-for",
  "x-host",
  "x-http-host",
  "x-frappe-site-name",
  "x-proto",
  "x-proxied-https",
  "x-scheme",
  "x-url-scheme",
  "front-end-https",
  // another path or method than the one that was judged
  "x-http-method",
  "x-http-method-override",
  "http-method-override",
  "x-method-override",
  "method-override",
  "x-method",
  "x-rest-method",
  "x-request-method",
  "x-tunneled-method",
  "x-http-verb",
  "x-http-host-override",
  "x-http-path-override",
  "x-http-destinationurl",
  "x-ms-original-url",
  // WebDAV's second path: COPY and MOVE write there
  "destination",
  "x-path-override",
  "path-override",
  // WSGI's own variables: gunicorn takes them from a proxy that it trusts (by default, one on its host) as they stand
  "script-name",
  "path-info",
  "x-script-name",
  "x-path-info",
  "x-request-path",
  "request-uri",
  "x-request-uri",
  "x-request-url",
  "x-url",
  "x-uri",
  "x-matched-path",
  "x-nextjs-matched-path",
  "x-now-route-matches",
  // what a framework or server says to itself
  "x-prerender-revalidate",
  "x-prerender-revalidate-if-generated",
  "x-react-router-prerender-data",
  "x-react-router-spa-mode",
  "x-lighttpd-send-file",
  "x-sendfile",
  "x-sendfile-type",
  // hop by hop (RFC 9110 §7.6.1): they speak to us, not to the origin; what Connection lists stays in place
  "connection",
  "keep-alive",
]);

/**
 * May neither come from a visitor nor be set by `headers` (design 5)?
 * @param folded by `foldHeaderName`
 */
export function isMisleadingHeader(folded: string): boolean {
  return FAMILIES.test(folded) || CLIENT_ADDRESS.test(folded) || NAMES.has(folded);
}
