// SPDX-License-Identifier: Apache-2.0
// The visitor's cookies on the site's own host. Only with storage consent, except the refusal:
//   tl          the session: aid.sid.start.last.index.fingerprint (shared/session.hpp)
//   tl_pf       the nonce that the anonymous id comes from, until there is a token
//   tl_tok      the session's token
//   tl_rd       the path that a redirect sends the visitor to, for as long as that takes
//   tl_consent  a refusal, as the script keeps it in localStorage
// None is readable by scripts, unless a script in the page shall go on with the session (`readable`).

const kYear = 31536000;

/** Every value of a cookie: a browser sends one of each domain that set it. */
export const cookieValues = (header: string | null, name: string): string[] =>
  (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(name + "="))
    .map((pair) => pair.slice(name.length + 1));

export interface CookieRules {
  domain: string | undefined;
  isSecure: boolean;
}

/** A Set-Cookie value; an empty `value` deletes. */
export const setCookie = (
  name: string,
  value: string,
  { domain, isSecure }: CookieRules,
  { isReadable = false, maxAgeS = kYear } = {},
): string =>
  `${name}=${value}; Path=/; Max-Age=${value ? maxAgeS : 0}; SameSite=Lax` +
  (domain ? `; Domain=${domain}` : "") +
  (isSecure ? "; Secure" : "") +
  (isReadable ? "" : "; HttpOnly");
