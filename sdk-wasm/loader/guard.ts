// SPDX-License-Identifier: Apache-2.0
// The page comes first: whatever the SDK does, nothing it throws reaches the page. Every entry from
// outside (public calls, DOM events, timers) goes through guard(). Reasons are told under debug only,
// as numbers here: the sentences are in a file (explain.ts) that only a page under debug loads.
import { extra } from "./extra.js";

let verbose = false;

export const setVerbose = (on: boolean): void => {
  verbose = on;
};

export const report = (reason: number, ...what: unknown[]): void => {
  if (verbose) extra("d", "explain", reason, what);
};

/** The same function, but a throw becomes a report and null. */
export const guard =
  <A extends unknown[], R>(call: (...args: A) => R) =>
  (...args: A): R => {
    try {
      return call(...args);
    } catch (error) {
      report(0, error);
      return null as R;
    }
  };

/** Listens in the capture phase, which also sees events that do not bubble. */
export const listen = (target: EventTarget, type: string, handler: (event: Event) => void): void =>
  target.addEventListener(type, guard(handler), true);
