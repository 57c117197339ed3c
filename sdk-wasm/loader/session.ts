// SPDX-License-Identifier: Apache-2.0
// From something that happened to an event in the queue. With consent and a settled core the event is
// decided and queued; while either is unknown it is held in memory with its time (at most 50) and
// released, in order, as soon as both are there; refused, it is gone.
// The state line in storage is read before and written after every decision: all tabs share it.
import { maxMs, options, rotateOnCampaign, timeoutMs } from "./config.js";
import { isUndecided, known, permitsMarketing, permitsStorage } from "./consent.js";
import { decide, hasCore } from "./core.js";
import { withoutClickIds, type Decided } from "./decision.js";
import { eventOf, lineOfAnswer, partsOf, serialise } from "./event.js";
import { kRoute, newNonce, nextSeq, pageNonce, pageTitle, referrer } from "./evidence.js";
import { fillFields } from "./fields.js";
import { guard, report } from "./guard.js";
import { tell } from "./hooks.js";
import { forgetToken } from "./posts.js";
import { untitled } from "./queue.js";
import { readState, storedTouches, storeTouches, write } from "./storage.js";
import { enqueue, maskQueue, ping, setAnswerHandler } from "./transport.js";
import type { Attribution, Campaign, Props } from "./types.js";

const kMaxHeld = 50;
let held: ((consentMs: number) => void)[] = [];
let isSettled = false;
let lastView: ((consentMs: number) => void) | undefined;
let countPage: (() => void) | undefined;
let withheld: typeof held = []; // the last view that was sent without its click ids

export const sessionId = (): string | null => partsOf(readState())[1] || null;
export const anonymousId = (): string | null => partsOf(readState())[0] || null;

export const attribution = (): Attribution => {
  const { f, l } = guard(storedTouches)() || {}; // before init()
  return { first: f || null, last: l || null };
};

// Two tabs may both start a session in the same moment; the smaller id wins in both.
const isSmaller = (line: string, than: string): boolean => {
  const [, id, , , index] = line.split(".");
  const [, otherId, , , otherIndex] = than.split(".");
  return id! < otherId! && index == otherIndex;
};
let written = "";
const store = (line: string): void => write("tl", (written = line));

/** Another tab wrote its line. */
export const reconcile = (): void => {
  if (isSmaller(written, readState())) store(written);
  fillFields();
};

/** Whoever comes now is somebody else, or must not be linked to who was here: what the page knew of them goes. */
export const forgetVisitor = (): void => {
  written = "";
  forgetToken();
  newNonce();
  fillFields();
  tell("reset", 0);
};

/** Keeps what has to wait for consent or the core. */
export const hold = (act: (consentMs: number) => void, what: string): void => {
  if (held.length < kMaxHeld) held.push(act);
  else report(4, what);
};
/** Whether there may be ids later, though not yet. */
export const mustWait = (): boolean => !isSettled || isUndecided();

/** `campaign`: a touch that the page itself starts. Returns the event's id. */
export const record = (
  n: string,
  props?: Props,
  navigation = 0,
  campaign?: Campaign,
): string | null => {
  const t = Date.now();
  const seq = nextSeq();
  const url = location.href.slice(0, 8192);
  const from = referrer.slice(0, 8192);
  const ti = navigation == kRoute ? untitled : pageTitle() || undefined;
  // As it is now: the page may change it while it waits for consent.
  const p = props && JSON.parse(serialise(props));
  // The core and the server read a campaign of the page like any other: from a query.
  const cm =
    campaign &&
    Object.fromEntries(Object.entries(campaign).map(([name, value]) => ["utm_" + name, value + ""]));

  const ask = (line: string, consentMs: number): Decided =>
    decide(
      [
        options.site,
        n,
        options.keepQuery || "",
        url,
        from,
        line,
        pageNonce,
        cm ? location.origin + "/?" + new URLSearchParams(cm) : "",
      ],
      +permitsStorage() + +permitsMarketing(),
      seq,
      t,
      consentMs,
      navigation,
      timeoutMs,
      maxMs,
      +rotateOnCampaign,
    );

  let told = 0;
  const emit = (consentMs: number): string | null => {
    const touches = storedTouches();
    let before = readState();
    let made = ask(before, consentMs);
    const decideFrom = (line: string): Decided => (made = ask((before = line), consentMs));
    if (hasCore()) {
      if (touches.a && partsOf(made.line)[1] != partsOf(before)[1]) {
        decideFrom(before.replace(/^[^.]*/, touches.a));
        delete touches.a;
      }
      if (!made.line) {
        report(3, n);
        return null;
      }
      store(made.line);
      const now = readState();
      if (isSmaller(now, made.line)) store(decideFrom(now).line);
    }
    const { id, touch, u } = made;
    if (touch) {
      touches.l = { t, ...touch };
      touches.f ||= touches.l;
    }
    if (!before) touches.n = pageNonce;
    storeTouches(touches);
    const evidence = { ti, nt: navigation || undefined, ct: consentMs || undefined, cm };
    enqueue(eventOf({ n, seq, t, p, pn: pageNonce }, evidence, made, before, known));
    fillFields();
    if (n == "page_view" && !permitsMarketing() && u!.includes("=*")) withheld = [emit];
    told++ || tell("event", { name: n, id: id || null, props });
    return id || null;
  };

  if (n == "page_view") lastView = emit;
  if (isSettled && permitsStorage()) return emit(0);
  if (n == "page_view")
    countPage ||= () => {
      countPage = () => {};
      const { an } = ask("", 0); // none without a core
      if (!an || options.anonymousPings == "off") return;
      ping(serialise({ n, seq, t: t - (t % 36e5), c: known, an }));
      newNonce(); // nothing that comes later is linked to the count
    };
  if (mustWait()) hold(emit, n);
  else countPage?.();
  return null;
};

/** One coarse count a page while unknown, where the site wants that too. */
export const countUndecided = (): void => {
  if (isSettled && isUndecided() && options.anonymousPings == "always") countPage?.();
};

/**
 * Sends what was held, or drops it after a refusal. A grant that comes after a refusal on the same page
 * starts with that page's view. `consentMs`: when consent came, if it came late.
 */
export const release = (consentMs: number): void => {
  if (!isSettled || isUndecided()) return;
  const waiting = held;
  held = [];
  if (!permitsStorage()) return countPage?.();
  if (!permitsMarketing()) {
    storeTouches(withoutClickIds(storedTouches()));
    maskQueue();
  }
  if (!waiting[0] && lastView && !readState()) waiting.push(lastView);
  for (const emit of waiting) emit(consentMs);
};

/** Tells the view that was sent without its click ids again, once the server knows of marketing's yes. */
export const tellWithheld = (consentMs: number): void => {
  if (permitsMarketing()) for (const emit of withheld.splice(0)) emit(consentMs);
};

export const settleSession = (): void => {
  isSettled = true;
  release(0);
};

// Without a core the server's answer is the decision. With one, a differing anonymous id is an older
// one that the server knows from its own cookie: the running session keeps its id, the next takes it.
// The channel of each new touch is the server's to tell, for it has the whole list of sources.
setAnswerHandler(({ anonymous_id: aid, session_id: sid, token, channels }) => {
  const [mine, running, , , index] = partsOf(readState());
  const touches = storedTouches();
  delete touches.r;
  if (token) delete touches.n;
  for (const touch of [touches.f, touches.l])
    if (touch && channels?.[touch.t]) touch.channel = channels[touch.t];
  if (hasCore() && aid && aid != mine && sid == running) touches.a = aid;
  storeTouches(touches);
  if (hasCore() || !aid || !sid) return;
  write("tl", lineOfAnswer(aid, sid, running, index));
  fillFields();
});
