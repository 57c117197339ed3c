// SPDX-License-Identifier: Apache-2.0
// What is known of the visitor's consent, in the form in which it travels (`c` on the wire): storage
// and marketing as 1, 0 or absent for unknown, o = 1 for an opt-out of sale, p for personalised ads.
// Order: consent() calls, then the consent platform, then a stored refusal, then the page's attribute,
// then the site's default.
// Global Privacy Control only adds the opt-out, which ends marketing and leaves storage alone.
import { options, respectsGpc } from "./config.js";
import type { ConsentChoice, ConsentState } from "./types.js";

export type Answer = 0 | 1 | undefined;

export const known: { s?: Answer; m?: Answer; o?: 1; p?: Answer } = {};

const isGranted = (answer: Answer): boolean =>
  answer == null ? options.consentDefault == "granted" : !!answer;

export const permitsStorage = (): boolean => isGranted(known.s);
export const permitsMarketing = (): boolean => permitsStorage() && isGranted(known.m) && !known.o;
export const isUndecided = (): boolean => known.s == null && !permitsStorage();

const asBoolean = (answer: Answer): boolean | null => (answer == null ? null : !!answer);
// Plain JavaScript says "denied" too: only what is plainly a yes is one.
const asAnswer = (value: unknown, before: Answer): Answer =>
  value == null
    ? value === undefined
      ? before
      : undefined
    : ((+/^(true|granted)$/.test(value + "")) as Answer);

export const consentState = (): ConsentState => ({
  storage: asBoolean(known.s),
  marketing: known.o ? false : asBoolean(known.m),
});

/** A purpose that the choice leaves out stays as it is. */
export const applyChoice = ({ storage, marketing }: ConsentChoice): void => {
  known.s = asAnswer(storage, known.s);
  known.m = known.s === 0 ? 0 : asAnswer(marketing, known.m);
};

/**
 * What the device keeps of a refusal of both, or of marketing (s = 1, or absent by default); else "".
 * `u`: a withdrawal of which the server has not heard.
 */
export const refusalToKeep = (u?: object): string =>
  known.m === 0 && (known.s === 0 || permitsStorage()) ? JSON.stringify({ s: known.s, m: known.m, u }) : "";

/** `refusal`: the stored one, which can only tighten what the page says. */
export const startConsent = (refusal: { s?: Answer; m?: Answer }): void => {
  const granted = options.consent == "granted";
  if (granted || options.consent == "denied") known.s = known.m = +granted as Answer;
  if (refusal.s === 0) known.s = 0;
  if (refusal.m === 0) known.m = 0;
  if (respectsGpc() && (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
    known.o = 1;
};
