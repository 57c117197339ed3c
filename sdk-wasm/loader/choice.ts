// SPDX-License-Identifier: Apache-2.0
// The visitor's choice: consent() reads or sets it, and what follows from a change: held events leave,
// or everything of ours goes. Only a refusal is remembered on the device; a grant is the page's (or its
// consent platform's) to repeat at every load, so the server hears of one only when it is news.
import { known, permitsStorage, type Answer } from "./consent.js";
import { newNonce } from "./evidence.js";
import { fillFields } from "./fields.js";
import { tell } from "./hooks.js";
import { anonymousId, release, storedTouches, storeTouches } from "./session.js";
import { rememberRefusal, wipe } from "./storage.js";
import { forgetQueue, forgetToken, post, resumeQueue, token } from "./transport.js";
import type { ConsentState } from "./types.js";

const asBoolean = (answer: Answer): boolean | null => (answer == null ? null : !!answer);
const asAnswer = (value: boolean | null | undefined, before: Answer): Answer =>
  value === undefined ? before : value == null ? undefined : value ? 1 : 0;

export const consentState = (): ConsentState => ({
  storage: asBoolean(known.s),
  marketing: asBoolean(known.m),
});

/** `isEcho`: another tab's choice, which that tab reports. */
export const choose = (choice: Partial<ConsentState>, isEcho?: boolean): void => {
  const hadIds = permitsStorage();
  const receipt = { anonymous_id: hadIds ? anonymousId() : null, token };
  known.s = asAnswer(choice.storage, known.s);
  known.m = known.s === 0 ? 0 : asAnswer(choice.marketing, known.m);
  const state = consentState();
  const t = Date.now();
  const tellServer = (proof: object): void =>
    isEcho ? undefined : post("/api/consent", { consent: { ...state, o: known.o }, platform: "api", t, ...proof });

  if (permitsStorage()) {
    if (!hadIds) resumeQueue();
    release(t);
    const touches = storedTouches();
    const text = JSON.stringify(state);
    if (touches.c != text) {
      storeTouches({ ...touches, c: text });
      tellServer({ anonymous_id: anonymousId() });
    }
  } else {
    forgetQueue();
    forgetToken();
    if (hadIds || known.s === 0) wipe();
    if (hadIds) newNonce();
    if (hadIds && receipt.token) tellServer(receipt);
    release(t);
    fillFields();
  }
  rememberRefusal(known.s, known.m);
  tell("consent", state);
};
