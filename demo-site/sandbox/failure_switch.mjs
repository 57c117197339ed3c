// SPDX-License-Identifier: Apache-2.0
// Failure switches: take a stand-in down for the next `count` requests, or until switched back.
//   ok       works                                  500, 429  answers that status
//   timeout  takes the request and never answers    lost      takes it, keeps it, drops the connection
//   reject   refuses for good (a bad parameter, a wrong signature)
//   slow     takes seconds, then works              auth      does not know the key
//   partial  takes all but the first event, where the vendor can say so
// For stripe_webhook the switch stands on the road to the shop: see stripe_webhooks.mjs.

import { VENDORS } from "./vendors/index.mjs";

export const TARGETS = ["meta", "posthog", ...Object.keys(VENDORS), "stripe_api", "stripe_webhook"];
export const MODES = ["ok", "500", "429", "timeout", "lost", "reject", "slow", "auth", "partial"];

export function createSwitches() {
  const state = Object.fromEntries(TARGETS.map((target) => [target, { mode: "ok", left: null, hits: 0 }]));

  return {
    state: () => structuredClone(state),
    // Answers null when set, else a sentence saying what is wrong.
    set({ target, mode, count }) {
      if (!TARGETS.includes(target)) return `target must be one of ${TARGETS.join(", ")}`;
      if (!MODES.includes(String(mode))) return `mode must be one of ${MODES.join(", ")}`;
      if (count !== undefined && (!Number.isInteger(count) || count < 1)) return "count must be a positive whole number, or absent for until further notice";
      state[target] = { mode: String(mode), left: count ?? null, hits: 0 };
      return null;
    },
    // The mode that holds for one request to the target; counts it.
    take(target) {
      const entry = state[target];
      const mode = entry.mode;
      if (mode === "ok") return "ok";
      entry.hits++;
      if (entry.left !== null && --entry.left === 0) Object.assign(entry, { mode: "ok", left: null });
      return mode;
    },
  };
}
