// SPDX-License-Identifier: Apache-2.0
// One request's visitor: cookies in, the compiled core's decision, cookies and events out. Consent, options,
// events and the hand-over are the loader's own modules, which hold one visitor's options and choice: enter()
// lends them to this one for as long as it computes, which is never across an await.
import { checkoutProps } from "../loader/checkout-props.js";
import { configure, maxMs, options, rotateOnCampaign, timeoutMs } from "../loader/config.js";
import * as choice from "../loader/consent.js";
import { decide, hasCore } from "../loader/core.js";
import type { Decided } from "../loader/decision.js";
import { eventOf, lineOfAnswer, partsOf, serialise } from "../loader/event.js";
import { report } from "../loader/guard.js";
import { handOver } from "../loader/handover.js";
import { drawNonce } from "../loader/nonce.js";
import { parse } from "../loader/storage.js";
import type { Checkout, CheckoutInput, ConsentChoice, ConsentState, ConsentWord, Props } from "../loader/types.js";
import { cookieValues, Jar, type Kind } from "./cookies.js";
import { deliver } from "./delivery.js";
import { passedOn, placeOf, type Place } from "./request.js";
import type { Choice, ServerOptions, Visit } from "./types.js";

const kVendorCookies = ["_fbp", "_fbc", "_ga", "_ttp", "_scid", "_epik", "_rdt_uuid", "li_fat_id"];
const isOff = (value: unknown): boolean => value + "" == "false";

const asChoice = (said: ConsentChoice | ConsentWord): ConsentChoice =>
  typeof said == "object" ? said : { storage: said, marketing: said };

// By tags, not by the referrer alone.
const isTagged = ({ touch }: Decided): boolean => Object.keys(Object(touch) as object).some((name) => name != "ref");

export class Visitor implements Visit {
  private place: Place;
  private readonly passed: Record<string, string>;
  private readonly vendorCookies: Record<string, string> = {};
  private readonly pageNonce = drawNonce();
  private readonly jar: Jar;
  private known: typeof choice.known = {};
  private seq = 0;
  private count = 0; // of visitors so far: an answer about the one before a reset is nobody's
  private sending = Promise.resolve();
  private open: (() => void) | undefined; // while it is held
  private sends = 0;
  private isForgone = false;
  private isTagged = false; // the page view's own address brought a campaign

  constructor(
    private readonly given: ServerOptions,
    request: Request,
    private readonly isPage: boolean,
    said: Choice,
  ) {
    const header = request.headers.get("cookie");
    this.place = placeOf(request, given.origin, isPage);
    this.passed = passedOn(request, given.headers);
    this.jar = new Jar(header, given.site, given.cookie);
    for (const name of kVendorCookies) {
      const value = cookieValues(header, name)[0];
      if (value) this.vendorCookies[name.replace(/^_/, "")] = value;
    }
    this.enter(typeof said == "string" ? said : undefined);
    choice.startConsent(Object(parse(this.of("tl_consent"))) as typeof choice.known);
    if (!isOff(given.respectGpc) && request.headers.get("sec-gpc") == "1") choice.known.o = 1;
    if (said != null && typeof said != "string") choice.applyChoice(asChoice(said));
    this.leave();
  }

  /** Keeps what is recorded from being sent until release(), for the answer may show that this was no
   * arrival. Not while the cookies wait for a token, which an answer alone brings. */
  hold(): void {
    if (this.isPage && hasCore() && !(this.isNew && this.of("tl")))
      this.sending = new Promise((done) => (this.open = done));
  }

  get isHeld(): boolean {
    return !!this.open;
  }

  release(): void {
    this.open?.();
    this.open = undefined;
  }

  /** Records the page view, or takes back what a refusal ends. */
  arrive(): void {
    this.enter();
    if (this.known.s === 0 && (this.of("tl") || this.of("tl_tok"))) {
      this.tellChoice({ platform: "api" });
      this.reset();
    }
    if (!this.isPage) return;
    // The page that a redirect led to belongs to the arrival before it: reached from the site itself. The
    // browser still names who led to that one, which would be an arrival of its own once a campaign is dropped.
    const { origin, pathname } = new URL(this.place.url);
    if (this.of("tl_rd") == pathname) this.place = { ...this.place, referrer: origin + "/" };
    this.jar.set("tl_rd", "");
    this.record("page_view");
  }

  redirect(to: string): void {
    this.guarded(() => {
      const from = new URL(this.place.url);
      const target = new URL(to, from);
      if (!this.isPage || !this.of("tl") || target.origin != from.origin) return;
      // The campaign is the page's that follows, and so is the arrival.
      if (this.isHeld && !this.isTagged && this.seq == 1 && this.sends == 1 && this.tags(target.href)) {
        this.isForgone = true;
        for (const kind of ["tl", "tl_pf"] as const) this.jar.restore(kind);
      } else if (target.pathname.length < 1024) this.jar.set("tl_rd", target.pathname);
    });
  }

  get anonymousId(): string | null {
    return this.idAt(0);
  }

  get sessionId(): string | null {
    return this.idAt(1);
  }

  /** Whoever waits for it must not wait for the answer. */
  get sent(): Promise<void> {
    this.release();
    return this.sending;
  }

  /** Until the first answer, which brings what cookies need: the token, and ids where there is no core. */
  get isNew(): boolean {
    return !this.of("tl_tok") || this.jar.isBorrowed;
  }

  get cookies(): string[] {
    const isSecure = this.place.url.startsWith("https:");
    return this.jar.changes({ domain: this.given.cookieDomain, isSecure }, !!this.given.readable);
  }

  track(name: string, props?: Props): string | null {
    return this.guarded(() => this.record(name, props)) ?? null;
  }

  checkoutStarted(input?: CheckoutInput | null): Checkout {
    const given = Object(input) as CheckoutInput;
    this.guarded(() => this.record("checkout_started", checkoutProps(given)));
    const state = this.guarded(() => (choice.permitsStorage() ? this.of("tl") : ""));
    const { token, metadata, decorated } = handOver(state ?? "", Date.now());
    return { url: decorated(String(given.url ?? "")), metadata, clientReferenceId: token };
  }

  consent(
    said?: ConsentChoice | ConsentWord,
    by: { platform: string; textVersion?: string } = { platform: "api" },
  ): ConsentState {
    const chosen = this.guarded(() => {
      if (said != null) this.choose(asChoice(said), by);
      return choice.consentState();
    });
    return chosen ?? { storage: null, marketing: null };
  }

  reset(): void {
    this.count++;
    for (const kind of ["tl", "tl_tok", "tl_pf", "tl_rd"] as const) this.jar.set(kind, "");
  }

  private of(kind: Kind): string {
    return this.jar.of(kind);
  }

  private idAt(index: number): string | null {
    return this.guarded(() => choice.permitsStorage() && partsOf(this.of("tl"))[index]) || null;
  }

  private enter(consent?: "granted" | "denied"): void {
    // The opt-out signal is a header here, no navigator's.
    configure({ ...this.given, endpoint: undefined, respectGpc: false, consent }, this.given.endpoint);
    for (const purpose of ["s", "m", "o", "p"] as const) delete choice.known[purpose];
    Object.assign(choice.known, this.known);
  }

  private leave(): void {
    this.known = { ...choice.known };
  }

  private guarded<T>(call: () => T): T | undefined {
    try {
      this.enter();
      return call();
    } catch (error) {
      report(0, error);
      return undefined;
    }
  }

  private decide(name: string, { url, referrer }: Place, permits: number, line: string, seq: number, t: number): Decided {
    return decide(
      [options.site, name, options.keepQuery || "", url.slice(0, 8192), referrer.slice(0, 8192), line, this.pageNonce, ""],
      permits,
      seq,
      t,
      0,
      0,
      timeoutMs,
      maxMs,
      +rotateOnCampaign,
    );
  }

  /** Whether an arrival at that address brings a campaign. */
  private tags(url: string): boolean {
    return isTagged(this.decide("page_view", { url, referrer: "" }, 1 + +choice.permitsMarketing(), "", 1, Date.now()));
  }

  private record(name: string, props?: Props): string | null {
    const t = Date.now();
    const seq = ++this.seq;
    const before = this.of("tl");
    const ask = (permits: number, line: string) => this.decide(name, this.place, permits, line, seq, t);

    if (!choice.permitsStorage()) {
      const pings = options.anonymousPings ?? "on_denial";
      const isCounted = choice.isUndecided() ? pings == "always" : pings != "off";
      if (name == "page_view" && isCounted && hasCore()) {
        const count = { n: name, seq, t: t - (t % 36e5), c: this.known, an: ask(0, "").an };
        this.send("/api/events", () => this.envelope(serialise(count), {}));
      }
      return null;
    }
    const made = ask(1 + +choice.permitsMarketing(), before);
    this.isTagged ||= isTagged(made);
    if (hasCore()) {
      if (!made.line) {
        report(3, name);
        return null;
      }
      this.jar.set("tl", made.line);
    }
    if (!before) this.jar.set("tl_pf", this.pageNonce);
    const event = eventOf({ n: name, seq, t, p: props, pn: this.pageNonce }, {}, made, before, this.known);
    this.send("/api/events", () =>
      this.envelope(event, {
        tok: this.of("tl_tok") || undefined,
        pf: this.of("tl_pf") || undefined,
        ck: choice.permitsMarketing() ? this.vendorCookies : {},
      }),
    );
    return made.id || null;
  }

  private choose(said: ConsentChoice, by: { platform: string; textVersion?: string }): void {
    const before = JSON.stringify(this.known);
    choice.applyChoice(said);
    this.leave();
    this.jar.set("tl_consent", choice.refusalToKeep());
    if (choice.permitsStorage() && !this.of("tl")) this.record("page_view");
    if (before != JSON.stringify(this.known)) this.tellChoice(by);
    if (!choice.permitsStorage()) this.reset();
  }

  private tellChoice(by: { platform: string; textVersion?: string }): void {
    const t = Date.now();
    const consent = { ...this.known };
    const [token, anonymousId] = [this.of("tl_tok"), partsOf(this.of("tl"))[0]];
    this.send("/api/consent", () =>
      JSON.stringify({
        site: options.site,
        write_key: options.key,
        consent,
        platform: by.platform,
        text_version: by.textVersion,
        t,
        anonymous_id: anonymousId ?? this.anonymousId,
        token: token || this.of("tl_tok") || undefined,
      }),
    );
  }

  private envelope(event: string, more: object): string {
    const head = JSON.stringify({
      v: 1,
      site: options.site,
      key: options.key,
      rv: +hasCore(),
      sent: Date.now(),
      pn: this.pageNonce,
      ru: { to: timeoutMs, mx: maxMs, rc: +rotateOnCampaign },
      ck: {},
      ...more,
    });
    return head.slice(0, -1) + `,"e":[${event}]}`;
  }

  // One after the other, so that each knows the token of the answer before.
  private send(path: string, body: () => string): void {
    const { endpoint, fetch = globalThis.fetch } = this.given;
    const about = this.count;
    const isFirst = !this.sends++;
    this.sending = this.sending.then(async () => {
      if (isFirst && this.isForgone) return;
      this.enter();
      const answer = await deliver({ url: endpoint, fetch }, path, this.passed, body());
      this.enter();
      if (!answer || !choice.permitsStorage() || about != this.count) return;
      if (answer.isForged && this.jar.isBorrowed) {
        this.count++;
        this.jar.giveBack();
      }
      if (!answer.token) return;
      this.jar.adopt();
      this.jar.set("tl_tok", answer.token);
      this.jar.set("tl_pf", "");
      const { anonymous_id: aid, session_id: sid } = answer;
      if (hasCore() || !aid || !sid) return;
      const [, running, , , index] = partsOf(this.of("tl"));
      this.jar.set("tl", lineOfAnswer(aid, sid, running, index));
    });
  }
}
