// SPDX-License-Identifier: Apache-2.0
// The visitor's cookies on the site's own host. Only with storage consent, except the refusal:
//   tl.ID          the session: aid.sid.start.last.index.fingerprint (shared/session.hpp)
//   tl_pf.ID       the nonce that the anonymous id comes from, until there is a token
//   tl_tok.ID      the session's token
//   tl_rd.ID       the path that a redirect sends the visitor to, for as long as that takes
//   tl_consent.ID  a refusal, as the script keeps it in localStorage
// ID is the site's, for sites may share a host or a domain; former names had none. Scripts can read none of
// them, unless a script in the page shall go on with the session (`readable`).
import { partsOf } from "../loader/event.js";
import { asState } from "../loader/storage.js";

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

// The line with the latest activity, where more than one domain set the cookie.
const newestState = (lines: string[]): string =>
  lines.map(asState).reduce((a, b) => (+partsOf(b)[3]! > +(partsOf(a)[3] ?? -1) ? b : a), "");

const decoded = (text = ""): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};

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

const kRedirectS = 30;
const kNone = "-"; // for a token: none, nor that of a former name
const kEncoded = ["tl_consent", "tl_rd"];
const kinds = ["tl", "tl_tok", "tl_pf", "tl_rd", "tl_consent"] as const;
export type Kind = (typeof kinds)[number];

const readers: Record<Kind, (values: string[]) => string> = {
  tl: newestState,
  tl_tok: ([token = ""]) => token,
  tl_pf: ([nonce = ""]) => /^[\da-f]{32}$/.exec(nonce)?.[0] ?? "",
  tl_rd: ([path]) => decoded(path),
  tl_consent: ([refusal]) => decoded(refusal),
};

/** One request's cookies and what the answer makes of them. */
export class Jar {
  private readonly received = new Map<string, string>();
  private readonly kept = new Map<string, string>();
  // By cookies that a former version named without the site: perhaps another site's of the same host.
  private readonly borrowed = new Set<Kind>();

  constructor(
    header: string | null,
    private readonly site: string,
    private readonly stateName?: string,
  ) {
    // Only a former token tells, by way of the server, whose those beside it are.
    const isProvable = !cookieValues(header, this.nameOf("tl_tok"))[0] && cookieValues(header, "tl_tok")[0];
    for (const kind of kinds) {
      const name = this.nameOf(kind);
      const [own, former] = [name, kind].map((given) => readers[kind](cookieValues(header, given))) as [string, string];
      this.received.set(kind, former);
      this.received.set(name, own);
      const borrows = !own && former && name != kind && (isProvable || kind == "tl_consent");
      if (borrows) this.borrowed.add(kind);
      this.kept.set(name, borrows ? former : own);
    }
  }

  of(kind: Kind): string {
    const value = this.kept.get(this.nameOf(kind)) ?? "";
    return value == kNone ? "" : value;
  }

  set(kind: Kind, value: string): void {
    this.kept.set(this.nameOf(kind), value);
    // A choice is made anew; whose the rest is, the answer tells.
    if ((!value || kind == "tl_consent") && this.borrowed.delete(kind)) this.kept.set(kind, "");
  }

  /** As the request had it. */
  restore(kind: Kind): void {
    this.kept.set(this.nameOf(kind), this.received.get(this.borrowed.has(kind) ? kind : this.nameOf(kind)) ?? "");
  }

  /** Whether the token may be another site's: the server knows. */
  get isBorrowed(): boolean {
    return this.borrowed.has("tl_tok");
  }

  /** They are this site's, and move under its names. */
  adopt(): void {
    for (const kind of kinds) {
      // Also those that an earlier answer, without a token, has left beside the site's own.
      const isBeside = this.isBorrowed && kind != "tl_consent" && this.received.get(kind) && this.nameOf(kind) != kind;
      if (isBeside || this.borrowed.has(kind)) this.kept.set(kind, "");
    }
    this.borrowed.clear();
  }

  /** They are another site's, and stay where they are. */
  giveBack(): void {
    for (const kind of kinds) if (kind != "tl_consent") this.kept.set(this.nameOf(kind), "");
    this.kept.set(this.nameOf("tl_tok"), kNone);
    this.borrowed.clear();
  }

  /** Set-Cookie values of what has changed. */
  changes(rules: CookieRules, isStateReadable: boolean): string[] {
    return [...this.kept].flatMap(([name, value]) => {
      const kind = kinds.find((one) => this.nameOf(one) == name) ?? (name as Kind);
      const before = this.received.get(this.borrowed.has(kind) ? kind : name);
      if (value == before) return [];
      return setCookie(name, kEncoded.includes(kind) ? encodeURIComponent(value) : value, rules, {
        isReadable: isStateReadable && kind == "tl",
        maxAgeS: kind == "tl_rd" ? kRedirectS : undefined,
      });
    });
  }

  private nameOf(kind: Kind): string {
    return (kind == "tl" && this.stateName) || `${kind}.${this.site}`;
  }
}
