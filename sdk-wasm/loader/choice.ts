// SPDX-License-Identifier: Apache-2.0
// The visitor's choice: consent() reads or sets it, and what follows from a change: held events leave,
// or everything of ours goes. Only a refusal is remembered on the device; a grant is the page's (or its
// consent platform's) to repeat at every load, so the server hears of one only when it is news.
import { applyChoice, consentState, known, permitsStorage } from "./consent.js";
import { newNonce } from "./evidence.js";
import { fillFields } from "./fields.js";
import { tell } from "./hooks.js";
import { anonymousId, release } from "./session.js";
import {
  read,
  rememberRefusal,
  storedState,
  savedTouches,
  storedTouches,
  storeTouches,
  wipe,
} from "./storage.js";
import { forgetQueue, forgetToken, isSameSite, post, resumeQueue, token } from "./transport.js";
import type { ConsentState } from "./types.js";

interface Speaker {
  platform: string;
  text_version?: string;
}

let speaker: Speaker | true | undefined; // none: the page itself

const tellServer = (proof: object, t = Date.now()): void =>
  post("/api/consent", {
    consent: { ...known },
    platform: "api",
    t,
    ...(speaker as Partial<Speaker>),
    ...proof,
  });

/**
 * Takes everything of ours from the device, and has the server do the same where there was something.
 * `maybeMore`: there may be, for its cookie that proves the visitor is not readable here; where no
 * token is known that cookie alone says whose choice this is.
 */
export const withdraw = (maybeMore?: boolean, isEcho?: boolean): void => {
  const hadState = storedState();
  const proof = {
    rs: savedTouches().r,
    anonymous_id: (token && hadState.split(".")[0]) || null,
    token: token || read("tl_tok"),
  };
  forgetQueue();
  forgetToken();
  wipe();
  if (!isEcho && (hadState || (maybeMore && isSameSite()))) tellServer(proof);
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
    if (hadIds) newNonce();
    release(t);
    fillFields();
  }
  if (!isEcho) rememberRefusal();
  tell("consent", state);
};
