// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/svelte.
import { throughline, type ConsentState } from "@throughline/web";
import { readConsent, watchConsent } from "./consent-watch.js";

export { init, throughline } from "@throughline/web";

/** The visitor's choice as a store: $consent reads it, $consent = {…} sets it. */
export const consent = {
  subscribe(run: (state: ConsentState) => void): () => void {
    run(readConsent());
    return watchConsent(() => run(readConsent()));
  },
  set(state: Partial<ConsentState>): void {
    throughline.consent(state);
  },
};
