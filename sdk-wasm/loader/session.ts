// SPDX-License-Identifier: Apache-2.0
// From something that happened to an event in the queue. With consent and a settled core the event is
// decided and queued; while either is unknown it is held in memory with its time (at most 50) and
// released, in order, as soon as both are there; refused, it is gone.
// The state line in storage is read before and written after every decision: all tabs share it.
import { maxMs, options, rotateOnCampaign, timeoutMs } from "./config.js";
import { consentBits, isUndecided, known, permitsStorage } from "./consent.js";
import { callCore, hasCore } from "./core.js";
import { nextSeq, pageNonce, reduceUrl, referrer } from "./evidence.js";
import { fillFields } from "./fields.js";
import { report } from "./guard.js";
import { tell } from "./hooks.js";
import { parse, read, readState, write } from "./storage.js";
import { enqueue, ping, setAnswerHandler } from "./transport.js";
import type { Attribution, Campaign, Props, Touch } from "./types.js";

const kMaxHeld = 50;
let held: ((consentMs: number) => void)[] = [];
let isSettled = false;
let lastView: ((consentMs: number) => void) | undefined;
let countPage: (() => void) | undefined;

export const sessionId = (): string | null => readState().split(".")[1] || null;
export const anonymousId = (): string | null => readState().split(".")[0] || null;

// First and last touch; the older anonymous id for the next session; the choice last reported.
interface StoredTouches {
  f?: Touch;
  l?: Touch;
  a?: string;
  c?: string;
}
export const storedTouches = (): StoredTouches => Object(permitsStorage() && parse(read("tl_at")));
export const storeTouches = (touches: StoredTouches): void => write("tl_at", JSON.stringify(touches));

export const attribution = (): Attribution => {
  const { f, l } = storedTouches();
  return { first: f || null, last: l || null };
};

// Lone surrogates are legal in a JavaScript string and illegal in UTF-8; JSON.stringify writes them as
// escapes, which strict parsers refuse together with the whole batch.
const serialise = (props: Props | undefined): string =>
  props
    ? JSON.stringify(props).replace(/\\(ud[89a-f]..|.)/g, (escape, code) =>
        code[1] ? "\ufffd" : escape,
      )
    : "";

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

// The core reads a campaign of the page like any other: from a URL.
const campaignUrl = (campaign: Campaign): string =>
  location.origin +
  "/?" +
  new URLSearchParams(
    Object.entries(campaign).map(([name, value]) => ["utm_" + name, value as string]),
  );

/** `campaign`: a touch that the page itself starts. Returns the event's id. */
export const record = (
  name: string,
  props?: Props,
  navigation = 0,
  campaign?: Campaign,
): string | null => {
  const t = Date.now();
  const seq = nextSeq();
  const url = location.href.slice(0, 8192);
  const from = referrer.slice(0, 8192);
  const title = document.title.slice(0, 512);
  const text = serialise(props);

  const decide = (line: string, consentMs: number): string[] =>
    callCore(
      "d",
      [
        options.site,
        name,
        options.keepQuery || "",
        url,
        from,
        line,
        pageNonce,
        title,
        text,
        campaign ? campaignUrl(campaign) : "",
      ],
      seq,
      t,
      consentMs,
      navigation,
      consentBits(),
      timeoutMs,
      maxMs,
      +rotateOnCampaign,
    );

  const emit = (consentMs: number): string | null => {
    const before = readState();
    const [aid, sid, start, last, index, fingerprint] = before.split(".");
    let id: string | undefined;
    if (hasCore()) {
      let decision = decide(before, consentMs);
      const touches = storedTouches();
      const { a: olderAid } = touches;
      if (olderAid && decision[0]!.split(".")[1] != sid) {
        decision = decide(before.replace(aid!, olderAid), consentMs);
        delete touches.a;
        storeTouches(touches);
      }
      if (!decision[0]) {
        report("no session for", name);
        return null;
      }
      store(decision[0]);
      const now = readState();
      if (isSmaller(now, decision[0])) store((decision = decide(now, consentMs))[0]!);
      id = decision[1]!;
      if (decision[4]) {
        touches.l = { channel: decision[3]!, t, ...parse<object>(decision[4]) };
        touches.f ||= touches.l;
        storeTouches(touches);
      }
      enqueue(decision[2]!);
    } else {
      const evidence = {
        u: reduceUrl(url),
        r: reduceUrl(from),
        ti: title,
        nt: navigation || undefined,
        ct: consentMs || undefined,
        cm: campaign && { ...campaign, id: undefined, campaign_id: campaign.id },
        prev: sid ? { aid, sid, start: +start!, last: +last!, idx: +index!, th: fingerprint } : sid,
      };
      const json = JSON.stringify({ n: name, seq, t, c: known, ev: evidence });
      enqueue(text ? json.slice(0, -1) + `,"p":${text}}` : json);
    }
    fillFields();
    tell("event", { name, id: id || null, props });
    return id || null;
  };

  if (name == "page_view") lastView = emit;
  if (isSettled && permitsStorage()) return emit(0);
  if (name == "page_view")
    countPage ||= () => {
      countPage = () => {};
      const [json] = options.anonymousPings != "off" && hasCore() ? decide("", 0) : [];
      if (json) ping(json);
    };
  if (isSettled && !isUndecided()) countPage?.();
  else if (held.length < kMaxHeld) held.push(emit);
  else report("too many events before consent", name);
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
  if (!waiting[0] && lastView && !readState()) waiting.push(lastView);
  for (const emit of waiting) emit(consentMs);
};

export const settleSession = (): void => {
  isSettled = true;
  release(0);
};

// Without a core the server's answer is the decision. With one, a differing anonymous id is an older
// one that the server knows from its own cookie: the running session keeps its id, the next takes it.
setAnswerHandler(({ anonymous_id: aid, session_id: sid }) => {
  if (!aid || !sid) return;
  const [mine, running, , , index] = readState().split(".");
  if (hasCore()) {
    if (aid != mine && sid == running) storeTouches({ ...storedTouches(), a: aid });
    return;
  }
  const startMs = parseInt(sid.replace("-", "").slice(0, 12), 16);
  const count = sid == running ? index : +(index || 0) + 1;
  write("tl", [aid, sid, startMs, Date.now(), count].join("."));
  fillFields();
});
