// SPDX-License-Identifier: Apache-2.0
// Failure switches: take a stand-in down for the next `count` requests, or until switched back.
//   ok       works                                  500, 429  answers that status
//   timeout  takes the request and never answers    reset     resets the connection, keeps nothing
//   lost     takes it, keeps it, drops the answer   slow      takes seconds, then works
//   reject   refuses for good (a bad parameter)     auth      does not know the key
//   partial  takes all but the first event, where the vendor can say so
// <provider>_api is what import-orders and look-ups ask.
// For <provider>_webhook the switch stands on the road to the shop: see webhook_delivery.mjs.

import * as PROVIDERS from "./providers/index.mjs";
import { VENDORS } from "./vendors/index.mjs";

const ROADS = ["stripe", ...Object.keys(PROVIDERS)].map((name) => `${name}_webhook`);
const APIS = Object.entries(PROVIDERS).filter(([, { api }]) => api).map(([name]) => `${name}_api`);
export const TARGETS = ["meta", "posthog", ...Object.keys(VENDORS), "stripe_api", ...APIS, ...ROADS];
const MODES = ["ok", "500", "429", "timeout", "reset", "lost", "slow", "auth", "reject", "partial"];
const ROAD_MODES = ["ok", "500", "429", "timeout", "reject"];
const API_MODES = ["ok", "500", "429", "auth"];
export const modesOf = (target) => (ROADS.includes(target) ? ROAD_MODES : APIS.includes(target) ? API_MODES : MODES);

export function createSwitches() {
  const state = Object.fromEntries(TARGETS.map((target) => [target, { mode: "ok", left: null, hits: 0 }]));

  return {
    state: () => structuredClone(state),
    // Answers null when set, else a sentence saying what is wrong.
    set({ target, mode, count }) {
      if (!TARGETS.includes(target)) return `target must be one of ${TARGETS.join(", ")}`;
      if (!modesOf(target).includes(String(mode))) return `mode must be one of ${modesOf(target).join(", ")}`;
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
