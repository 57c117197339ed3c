// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web outside a browser: the same calls without effect, so that a page which is
// rendered on a server may import the package.
import type { Throughline } from "./types.js";

const nothing = (): null => null;

const api: Throughline = {
  init: () => api,
  getSessionId: nothing,
  getAnonymousId: nothing,
  getAttribution: () => ({ first: null, last: null }),
  page: nothing,
  track: nothing,
  trackEvent: nothing,
  identify: nothing,
  checkoutStarted: (input) => ({ url: String(input?.url ?? ""), metadata: {}, clientReferenceId: null }),
  decorateCheckout: nothing,
  campaign: nothing,
  consent: () => ({ storage: null, marketing: null }),
  video: nothing,
  on: nothing,
  reset: nothing,
  flush: () => Promise.resolve(),
  debug: nothing,
};

export const init: Throughline["init"] = api.init;
export const throughline: Throughline = api;
export type * from "./types.js";
