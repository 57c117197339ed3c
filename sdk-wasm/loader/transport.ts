// SPDX-License-Identifier: Apache-2.0
// Events on their way: batches of at most 50 events and 60 KiB, one request at a time, the first event
// at once and later ones within a second. What could not be sent stays (in localStorage with consent,
// so that another page sends it) and is tried again with growing pauses; ids make resending harmless.
// A queued item is the rules version (one digit) and the event's JSON.
import { endpoint, maxMs, options, rotateOnCampaign, timeoutMs } from "./config.js";
import { known, permitsMarketing, permitsStorage } from "./consent.js";
import { encode, hasCore, isSameSite as isSameHost } from "./core.js";
import { pageNonce } from "./evidence.js";
import { extra } from "./extra.js";
import { guard, report } from "./guard.js";
import { erase, parse, read, readCookie, storedTouches, write } from "./storage.js";

export interface Answer {
  rejected?: unknown[];
  anonymous_id?: string | null;
  session_id?: string | null;
  /** Channel of each new touch, by the event's time. */
  channels?: Record<number, string>;
  token?: string | null;
}

interface PostBody {
  token?: string;
  consent?: typeof known;
  [field: string]: unknown;
}
type Post = [path: string, body: PostBody, answered?: (isTold: boolean) => void];

const kEvents = "/api/events";
const kMaxEvents = 50;
const kMaxBytes = 58 * 1024; // leaves room for the batch's own fields
const kMaxKept = 200;
const kMaxKeptBytes = 256 * 1024;

let queue: string[] = [];
let flying: string[] = [];
let unmasked: string[] = []; // may hold click ids since refused, and waits for the file that takes them out
let posts: Post[] = [];
let flyingPost: Post | undefined;
let visitor = 0; // counts up where what an answer says is no longer about the visitor
let isSending = false;
let sending: Promise<void>;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let hasSent = false;
let onAnswer: (answer: Answer) => void;
export let token = "";

export const setAnswerHandler = (handler: (answer: Answer) => void): void => {
  onAnswer = handler;
};

export const isSameSite = (): boolean => isSameHost(new URL(endpoint).hostname, location.hostname);

const envelope = (items: string[]): string => {
  const cookies: Record<string, string> = {};
  if (permitsMarketing())
    for (const name of ["fbp", "fbc", "ga", "ttp"]) {
      const value = readCookie("_" + name);
      if (value) cookies[name] = value;
    }
  const { n, r } = storedTouches();
  return (
    JSON.stringify({
      v: 1,
      site: options.site,
      key: options.key,
      rv: +items[0]![0]!,
      sent: Date.now(),
      tok: (permitsStorage() && token) || undefined,
      pf: n,
      rs: r,
      pn: pageNonce,
      ru: { to: timeoutMs, mx: maxMs, rc: +rotateOnCampaign },
      ck: cookies,
    }).slice(0, -1) + `,"e":[${items.map((item) => item.slice(1))}]}`
  );
};

export const request = (path: string, body: string, withIds: boolean): Promise<Response> =>
  fetch(endpoint + path, {
    method: "POST",
    body,
    keepalive: !failures && body.length < kMaxBytes,
    credentials: withIds && isSameSite() ? "include" : "omit",
    referrerPolicy: "origin",
  });

// Takes the next batch: one rules version, within the limits, at least one event.
const take = (): string[] => {
  let bytes = 0;
  let count = 0;
  while (
    count < kMaxEvents &&
    queue[count] &&
    queue[count]![0] == queue[0]![0] &&
    ((bytes += encode(queue[count]!).length) < kMaxBytes || !count)
  )
    count++;
  return queue.splice(0, count);
};

// Storage is anyone's: only what looks like an item is one.
const storedItems = (): string[] =>
  ([] as string[]).concat(parse(read("tl_q"))!).filter((item) => /^[01]{.*}$/.test(item));

/** Makes the stored queue hold what is unsent here and in other tabs, without `sent`. */
const keep = (sent: string[]): void => {
  if (!permitsStorage()) return;
  const kept = [...new Set([...storedItems(), ...unmasked, ...(failures ? flying.concat(queue) : [])])]
    .filter((item) => !sent.includes(item))
    .slice(0, kMaxKept);
  while (JSON.stringify(kept).length > kMaxKeptBytes) kept.pop();
  if (kept[0]) write("tl_q", JSON.stringify(kept));
  else erase("tl_q");
};

const schedule = (ms: number): void => {
  timer ||= setTimeout(
    guard(() => {
      timer = undefined;
      void flush();
    }),
    ms,
  );
};

// Returns when the server has kept it or refused it for good; throws when it should be sent again.
const settle = async (asked: Promise<Response>, what: unknown): Promise<void> => {
  const about = visitor;
  const reply = await asked;
  const { status } = reply;
  if (status >= 500 || status == 408 || status == 429) throw status;
  const answer = parse<Answer>(await reply.text().catch(() => "")) || {};
  if (Array.isArray(what))
    report(12, { status, code: reply.headers.get("x-throughline") || "", answer, items: what });
  bindRefusals(answer.token);
  if (!reply.ok) report(5, status, answer, what);
  else if (permitsStorage() && about == visitor) {
    if (answer.rejected?.[0]) report(6, answer.rejected, what);
    if (answer.token) {
      token = answer.token;
      if (!isSameSite()) write("tl_tok", token);
    }
    onAnswer(answer);
  }
};

// A post belongs to the visitor it was made for: the first token it meets stays its own. An empty one
// is a refusal's, which the server's cookie may prove.
const isBound = ([, body]: Post): boolean => (body.token ??= token || undefined) != null;
const isRefusal = (item?: Post): boolean => item?.[1].consent?.s === 0;
// A withdrawal that came before the first answer takes its proof from it.
const bindRefusals = (proof?: string | null): void =>
  posts.forEach((item) => isRefusal(item) && (item[1].token ??= proof || ""));
/** What proves the visitor, else `kept`; undefined while the first answer may still bring it. */
export const proofToken = (kept?: string): string | undefined =>
  token || read("tl_tok") || kept || (isSending ? undefined : "");
const postText = ([, body]: Post): string =>
  JSON.stringify({ site: options.site, write_key: options.key, ...body });

const send = async (): Promise<void> => {
  isSending = true;
  try {
    // In turn, so that neither waits for the other for good: events happen while a post is unanswered.
    for (;;) {
      const batch = (flying = take());
      if (batch[0]) {
        await settle(request(kEvents, envelope(batch), true), batch);
        flying = [];
        if (failures || read("tl_q")) keep(batch);
        failures = 0;
      }
      bindRefusals();
      if (posts[0] && isBound(posts[0])) {
        flyingPost = posts.shift()!;
        await settle(request(flyingPost[0], postText(flyingPost), true), flyingPost[0]);
        flyingPost?.[2]?.(true);
        flyingPost = undefined;
        failures = 0;
      } else if (!queue[0]) break;
    }
  } catch (error) {
    report(7, error);
    failures++;
    queue = permitsStorage() ? flying.concat(queue).slice(0, kMaxKept) : [];
    flying = [];
    bindRefusals();
    if (flyingPost) posts.unshift(flyingPost);
    flyingPost?.[2]?.(false);
    flyingPost = undefined;
    keep([]);
    clearTimeout(timer);
    timer = undefined;
    schedule(Math.min(6e4, 500 * 2 ** failures) * (0.5 + Math.random()));
  }
  isSending = false; // in the turn of the last look at what waits: nothing falls in between
};

/** Sends what waits; resolves when it is sent or has to wait again. */
export const flush = (): Promise<void> => (isSending ? sending : (sending = send()));

export const enqueue = (json: string): void => {
  queue.push(+hasCore() + json);
  if (queue.length > kMaxKept) report(8, queue.pop());
  if (hasSent) schedule(900);
  else queueMicrotask(flush);
  hasSent = true;
};

/** A call other than events; it waits for the session's token unless it brings one. */
export const post = (path: string, body: PostBody, answered?: Post[2]): void => {
  posts.push([path, body, answered]);
  void flush();
};

/** A coarse count: no ids, no cookies, no second try. */
export const ping = (json: string): void => {
  void request(kEvents, envelope([1 + json]), false).catch(() => {});
};

/** The page goes away: what waits leaves by beacon, or stays for the next page while offline. */
export const sendBeacons = (): void => {
  if (navigator.onLine !== false)
    posts = posts.filter(
      (item) => !isBound(item) || !navigator.sendBeacon(endpoint + item[0], postText(item)),
    );
  if (!permitsStorage()) return;
  if (navigator.onLine === false) failures ||= 1;
  if (failures || unmasked[0]) keep([]);
  for (let batch; (batch = take())[0]; )
    if (!navigator.sendBeacon(endpoint + kEvents, envelope(batch))) {
      queue = batch.concat(queue);
      failures ||= 1;
      keep([]);
      break;
    }
};

/**
 * Takes click ids out of what has not left yet, which waits for the file that can. Without the file it
 * stays for a page that gets it; what happens meanwhile leaves as ever.
 */
export const maskQueue = guard(async () => {
  unmasked = [...new Set([...storedItems(), ...unmasked, ...flying, ...queue])];
  queue = [];
  flying = [];
  if (!unmasked[0]) return;
  const mask = await extra("masker");
  if (!mask) return keep([]);
  const items = unmasked;
  unmasked = [];
  queue.unshift(...mask(items, known, options.keepQuery));
  keep(items);
  void flush();
});

/** With consent: the token and the events that an earlier page could not send. */
export const resumeQueue = (): void => {
  token = read("tl_tok");
  if (!permitsMarketing()) return void maskQueue();
  const stored = storedItems();
  if (!stored[0]) return;
  queue = [...new Set([...stored, ...queue])];
  queueMicrotask(flush);
};

/** After withdrawal nothing that waits may leave; after a reset it may, under its old ids. */
export const forgetQueue = (): void => {
  queue = [];
  flying = [];
  unmasked = [];
  posts = posts.filter(isRefusal);
  if (!isRefusal(flyingPost)) flyingPost = undefined;
};
export const forgetToken = (): void => {
  posts = posts.filter((item) => isRefusal(item) || isBound(item));
  visitor++;
  token = "";
};
