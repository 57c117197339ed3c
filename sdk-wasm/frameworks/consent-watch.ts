// SPDX-License-Identifier: Apache-2.0
// The consent state as frameworks watch values: the same object until it changes, and watchers that can be
// taken away again, which on() does not offer.
import { throughline, type ConsentState } from "@throughline/web";

export const unknownConsent: ConsentState = { storage: null, marketing: null };
const watchers = new Set<() => void>();
let state: ConsentState | undefined;
let isListening = false;

const refresh = (): void => {
  state = throughline.consent();
  watchers.forEach((watcher) => watcher());
};

export const readConsent = (): ConsentState => (state ??= throughline.consent());

/** Returns how to stop. */
export const watchConsent = (watcher: () => void): (() => void) => {
  if (!isListening) {
    isListening = true;
    throughline.on("ready", refresh); // the page's attribute counts from then on
    throughline.on("consent", refresh);
  }
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};
