// SPDX-License-Identifier: Apache-2.0
// What waits on its way: one request at a time, the first event at once and later ones within a second;
// what failed is tried again with growing pauses.
import { countFailure, failures, forgetFailures, pauseMs } from "./backoff.js";
import { endpoint } from "./config.js";
import { permitsMarketing, permitsStorage } from "./consent.js";
import { hasCore, isSameSite as isSameHost } from "./core.js";
import { envelope } from "./envelope.js";
import { report } from "./guard.js";
import {
  addPost,
  bindRefusals,
  forgetPosts,
  itemOf,
  landPost,
  launchPost,
  leavePosts,
  setToken,
  textOf,
  token,
  visitor,
  type Post,
} from "./posts.js";
import {
  addEvent,
  callBack,
  forgetEvents,
  keep,
  kMaxBytes,
  land,
  launch,
  mask,
  putBack,
  restore,
  restorePosts,
  takeBatch,
} from "./queue.js";
import { parse, read, write } from "./storage.js";

export interface Answer {
  rejected?: unknown[];
  anonymous_id?: string | null;
  session_id?: string | null;
  /** Channel of each new touch, by the event's time. */
  channels?: Record<number, string>;
  token?: string | null;
}

const kEvents = "/api/events";
let isSending = false;
let sending: Promise<void>;
let timer: ReturnType<typeof setTimeout> | undefined;
let hasSent = false;
let onAnswer: (answer: Answer) => void;

export const setAnswerHandler = (handler: (answer: Answer) => void): void => {
  onAnswer = handler;
};

export const isSameSite = (): boolean => isSameHost(new URL(endpoint).hostname, location.hostname);

export const request = (path: string, body: string, withIds: boolean): Promise<Response> =>
  fetch(endpoint + path, {
    method: "POST",
    body,
    keepalive: !failures && body.length < kMaxBytes,
    credentials: withIds && isSameSite() ? "include" : "omit",
    referrerPolicy: "origin",
  });

const schedule = (ms: number): void => {
  timer ||= setTimeout(() => {
    timer = undefined;
    void flush();
  }, ms);
};

// Returns when the server has kept it or refused it for good; throws when it should be sent again.
const settle = async (asked: Promise<Response>, what: unknown): Promise<void> => {
  const about = visitor;
  const reply = await asked;
  const { status } = reply;
  if (/^5|408|429/.test(status + "")) throw status;
  forgetFailures();
  const answer = parse<Answer>(await reply.text().catch(() => "")) || {};
  bindRefusals(answer.token);
  report(12, reply, what, answer);
  if (reply.ok && permitsStorage() && about == visitor) {
    if (answer.token) {
      setToken(answer.token);
      if (!isSameSite()) write("tl_tok", token);
    }
    onAnswer(answer);
  }
};

const send = async (): Promise<void> => {
  isSending = true;
  try {
    // In turn, so that neither waits for the other for good: events happen while a post is unanswered.
    for (;;) {
      const batch = launch();
      if (batch[0]) {
        await settle(request(kEvents, envelope(batch), true), batch);
        land();
        keep(batch);
      }
      const post = launchPost();
      if (post) {
        await settle(request(post[0], textOf(post), true), post[0]);
        landPost(true);
        keep([itemOf(post)]);
      } else if (!batch[0]) break;
    }
  } catch (error) {
    report(7, error);
    countFailure();
    callBack();
    bindRefusals();
    landPost(false);
    keep();
    clearTimeout(timer);
    timer = undefined;
    schedule(pauseMs());
  }
  isSending = false; // in the turn of the last look at what waits: nothing falls in between
};

/** Sends what waits; resolves when it is sent or has to wait again. */
export const flush = (): Promise<void> => (isSending ? sending : (sending = send()));

/** What proves the visitor; undefined while the first answer may still bring it. */
export const proofToken = (): string | undefined => token || read("tl_tok") || (isSending ? undefined : "");

export const enqueue = (json: string): void => {
  report(13, json);
  addEvent(+hasCore() + json);
  if (hasSent) schedule(900);
  else queueMicrotask(flush);
  hasSent = true;
};

/** A call other than events; it waits for the session's token unless it brings one. */
export const post = (...made: Post): void => {
  addPost(made);
  void flush();
};

/** A coarse count: no ids, no cookies, no second try. */
export const ping = (json: string): void => {
  report(13, json);
  request(kEvents, envelope([1 + json]), false).then(
    (reply) => report(12, reply, [1 + json]),
    (error) => report(14, error),
  );
};

const beacon = (path: string, text: string): boolean => navigator.sendBeacon(endpoint + path, text);

/** The page goes away: what waits leaves by beacon, or stays for the next page while offline. */
export const sendBeacons = (): void => {
  const isOnline = navigator.onLine !== false;
  if (isOnline) leavePosts(beacon);
  if (!permitsStorage()) return;
  if (!isOnline) countFailure();
  keep();
  for (let batch; (batch = takeBatch())[0]; )
    if (!beacon(kEvents, envelope(batch))) {
      putBack(batch);
      countFailure();
      keep();
      break;
    }
};

/** Takes click ids out of what has not left; what happens meanwhile leaves as ever. */
export const maskQueue = (): Promise<void> => mask().then(flush);

/** With consent: the token and the events that an earlier page could not send. */
export const resumeQueue = (): void => {
  setToken(read("tl_tok"));
  restorePosts();
  if (!permitsMarketing()) return void maskQueue();
  restore();
  queueMicrotask(flush);
};

/** After withdrawal nothing that waits may leave but a refusal. */
export const forgetQueue = (): void => {
  forgetEvents();
  forgetPosts();
};
