// SPDX-License-Identifier: Apache-2.0
// The visitor's choice: consent() reads or sets it, and what follows from a change: held events leave,
// or everything of ours goes. Only a refusal is remembered on the device; a grant is the page's (or its
// consent platform's) to repeat at every load, so the server hears of one only when it is news.
import { applyChoice, consentState, known, permitsStorage } from "./consent.js";
import { tell } from "./hooks.js";
import { anonymousId, forgetVisitor, release, tellWithheld } from "./session.js";
import {
  read,
  readObject,
  rememberRefusal,
  savedTouches,
  storedState,
  storedTouches,
  storeTouches,
  wipe,
} from "./storage.js";
import { forgetQueue, isSameSite, post, proofToken, resumeQueue } from "./transport.js";
import { token, type PostBody } from "./posts.js";
import type { ConsentChoice, ConsentSource } from "./types.js";

interface Speaker {
  platform: string;
  text_version?: string;
  consent_string?: string;
  basis?: "implied";
}

const kTellMs = 30 * 864e5; // for so long an earlier page's withdrawal, which may hold a token, is told again
let untold: PostBody | undefined; // a withdrawal that the server has not answered

// With a refusal stays the withdrawal itself, until the server has heard of it, for a later page to tell it
// again as it was. No id: the token proves it, or where that is "" the server's cookie.
const remember = (): void =>
  rememberRefusal(
    untold && {
      again: untold.anonymous_id ? 1 : undefined,
      ...untold,
      anonymous_id: undefined,
      token: (!isSameSite() && untold.token) || "",
    },
  );

/** `more`: what proves whose choice it is, or a whole statement of an earlier page. */
const tellServer = (more: PostBody, by?: Speaker | true): void => {
  const body: PostBody & { consent: typeof known; t: number } = {
    consent: { ...known },
    platform: "api",
    t: Date.now(),
    ...(by as Partial<Speaker>), // none: the page itself
    ...more,
  };
  if (known.s === 0 && !more.rs) untold = body;
  post("/api/consent", body, (isTold) => {
    if (body.consent.m) tellWithheld(body.t);
    if (untold != body) return;
    if (isTold) untold = undefined;
    if (read("tl_consent")) remember();
  });
};

/**
 * Takes everything of ours from the device, and has the server do the same where there was something.
 * `maybeMore`: there may be, for its cookie that proves the visitor is not readable here; where no
 * token is known that cookie alone says whose choice this is.
 */
export const withdraw = (maybeMore?: boolean, by?: Speaker | true): void => {
  const hadState = storedState();
  const { u } = readObject("tl_consent") as { u?: PostBody };
  const hasMore = hadState || (maybeMore && isSameSite());
  const statement = hasMore
    ? {
        rs: savedTouches().r,
        anonymous_id: (token && hadState.split(".")[0]) || null,
        token: proofToken(),
      }
    : !untold && u;
  forgetQueue();
  forgetVisitor();
  wipe();
  if (by !== true && statement)
    if (Date.now() - (statement as { t: number }).t > kTellMs) remember();
    else tellServer(statement, by);
};

/** Follows a refusal that another tab or a later page has stored, and that still stands. */
export const heed = (): void => {
  const refusal = readObject("tl_consent") as typeof known;
  if (refusal.m === 0 && (refusal.s !== known.s || known.m !== 0))
    choose({ storage: refusal.s === 0 ? false : undefined, marketing: false }, true);
};

/** The page comes back from the back/forward cache: what it remembers may be somebody else's by now. */
export const wake = (): void => {
  forgetQueue();
  forgetVisitor();
  heed();
  if (permitsStorage()) resumeQueue();
};

/** `by`: who speaks, for receipts; true for another tab's choice, which that tab reports. */
export const choose: {
  (choice: ConsentChoice, by?: Speaker | true): void;
  isByPage?: boolean;
} = (choice, by) => {
  const isEcho = by === true;
  const hadIds = permitsStorage();
  const wasRefused = known.s === 0;
  applyChoice(choice);
  const state = consentState();
  const t = Date.now();

  if (permitsStorage()) {
    if (!hadIds) resumeQueue();
    release(t);
    const touches = storedTouches();
    // A yes that somebody gave is news after one that nobody gave, not the other way round.
    const text = JSON.stringify(state) + ((by as Speaker)?.basis || "");
    if (!text.startsWith(touches.c!)) {
      storeTouches({ ...touches, c: text });
      if (!isEcho) tellServer({ anonymous_id: anonymousId() }, by);
    } else tellWithheld(t);
  } else {
    if (hadIds || known.s === 0) withdraw(!wasRefused, by);
    release(t);
  }
  if (!isEcho) remember();
  tell("consent", state);
};

/** The page's own call, after which no platform is followed, speaks: what it says of its banner. */
export const pageSpeaks = ({ platform = "api", textVersion = "" }: ConsentSource): Speaker => {
  choose.isByPage = true;
  return { platform: platform + "", text_version: textVersion + "" };
};
