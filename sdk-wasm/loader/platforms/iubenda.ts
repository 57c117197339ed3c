// SPDX-License-Identifier: Apache-2.0
// iubenda (Privacy Controls). Purposes: 1 necessary, 2 functionality, 3 experience, 4 measurement,
// 5 marketing. Its callbacks are one slot each, so ours call what was there.
import { byCategory, page, type Platform } from "./platform.js";

const kCallbacks = [
  "onReady", "onConsentGiven", "onConsentRejected", "onPreferenceExpressed",
  "onPreferenceExpressedOrNotNeeded", "onConsentRead", "onCcpaOptOut",
];

export const iubenda: Platform = {
  name: "iubenda",
  find: () => (page._iub?.csConfiguration || page._iub?.cs) && page._iub,
  watch: ({ csConfiguration }, changed) => {
    const callbacks = (csConfiguration.callback ||= {});
    for (const name of kCallbacks) {
      const before = callbacks[name];
      callbacks[name] = function (...args: unknown[]) {
        changed();
        return before?.apply(this, args);
      };
    }
  },
  read: ({ cs }, options) => {
    const { consent, purposes } = cs?.consent || {};
    // Where the California law applies there is an opt-out without any preference.
    const optedOut = !!cs?.api?.isCcpaOptedOut?.();
    if (consent == null && !purposes)
      return optedOut ? { storage: null, marketing: false, optedOut } : null;
    return {
      ...byCategory(options, "4", "5", (name) => (purposes ? !!purposes[name] : !!consent)),
      optedOut,
    };
  },
};
