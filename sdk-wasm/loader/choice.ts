// SPDX-License-Identifier: Apache-2.0
// The visitor's choice: consent() reads or sets it, and what follows from a change: held events leave,
// or everything of ours goes. Only a refusal is remembered on the device; a grant is the page's (or its
// consent platform's) to repeat at every load, so the server hears of one only when it is news.
import { applyChoice, consentState, known, permitsStorage } from "./consent.js";
import { tell } from "./hooks.js";
import { anonymousId, forgetVisitor, release } from "./session.js";
import {
  parse,
  read,
  rememberRefusal,
  savedTouches,
  storedState,
  storedTouches,
  storeTouches,
  wipe,
} from "./storage.js";
import { forgetQueue, isSameSite, post, proofToken, resumeQueue } from "./transport.js";
import { token } from "./posts.js";
import type { ConsentState } from "./types.js";

interface Speaker {
  platform: string;
  text_version?: string;
  consent_string?: string;
}

let speaker: Speaker | true | undefined; // none: the page itself
let untold: { token?: string } | undefined; // a withdrawal that the server has not answered

// With a refusal stays what proves a withdrawal, until the server has heard of it: "" where its cookie does.
const remember = (): void => rememberRefusal(untold && (isSameSite() ? "" : untold.token || ""));

const tellServer = (proof: { token?: string; rs?: 1; anonymous_id?: string | null }, t = Date.now()): void => {
  const body = {
    consent: { ...known },
    platform: "api",
    t,
    ...(speaker as Partial<Speaker>),
    ...proof,
  };
  if (known.s === 0 && !proof.rs) untold = body;
  post("/api/consent", body, (isTold) => {
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
export const withdraw = (maybeMore?: boolean, isEcho?: boolean): void => {
  const hadState = storedState();
  const { u } = Object(parse(read("tl_consent"))) as { u?: string };
  const proof = {
    rs: savedTouches().r,
    anonymous_id: (token && hadState.split(".")[0]) || null,
    token: proofToken(u),
  };
  forgetQueue();
  forgetVisitor();
  wipe();
  if (!isEcho && (hadState || (!untold && u != null) || (maybeMore && isSameSite())))
    tellServer(proof);
};

/** Follows a refusal that another tab or a later page has stored, and that still stands. */
export const heed = (): void => {
  const refusal = parse<typeof known>(read("tl_consent"));
  if (refusal?.m === 0 && (refusal.s !== known.s || known.m !== 0))
    choose({ storage: refusal.s === 0 ? false : undefined, marketing: false }, true);
};

/** The page comes back from the back/forward cache: what it remembers may be somebody else's by now. */
export const wake = (): void => {
  forgetQueue();
  forgetVisitor();
  heed();
  if (permitsStorage()) resumeQueue();
};

/**
 * `by`: the platform that speaks, for receipts; true for another tab's choice, which that tab reports;
 * none for the page's own call.
 */
export const choose = (choice: Partial<ConsentState>, by?: Speaker | true): void => {
  const isEcho = by === true;
  speaker = by;
  const hadIds = permitsStorage();
  const wasRefused = known.s === 0;
  applyChoice(choice);
  const state = consentState();
  const t = Date.now();

  if (permitsStorage()) {
    if (!hadIds) resumeQueue();
    release(t);
    const touches = storedTouches();
    const text = JSON.stringify(state);
    if (touches.c != text) {
      storeTouches({ ...touches, c: text });
      if (!isEcho) tellServer({ anonymous_id: anonymousId() }, t);
    }
  } else {
    if (hadIds || known.s === 0) withdraw(!wasRefused, isEcho);
    release(t);
  }
  if (!isEcho) remember();
  tell("consent", state);
};
