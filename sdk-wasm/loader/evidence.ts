// SPDX-License-Identifier: Apache-2.0
// Raw facts of the page: how it was reached, and its nonce.
import { drawNonce } from "./nonce.js";

export let pageNonce: string;
export let referrer = document.referrer + "";
let seq = 0;

export const nextSeq = (): number => ++seq;

/** A new page to all that derives ids: at load, and where a visitor must not be linked to the former. */
export const newNonce = (): void => {
  pageNonce = drawNonce();
};
newNonce();

/** A form of that name stands in for it. */
export const pageTitle = (): string => (document.title + "").slice(0, 512);

export const setReferrer = (left: string): void => {
  referrer = left;
};

export const kRoute = 3; // tl::Navigation
/** tl::Navigation of the load: 0 navigate, 1 reload, 2 back or forward. */
export const loadNavigation = (): number => {
  const entry = performance.getEntriesByType("navigation")[0] as
    | PerformanceNavigationTiming
    | undefined;
  return ["reload", "back_forward"].indexOf(entry?.type as string) + 1;
};
