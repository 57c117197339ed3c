// SPDX-License-Identifier: Apache-2.0
// Termly ("Getting consent state"). Nothing but the essential being on is a choice only where it has
// said so on this page; a refusal of an earlier page is remembered by us. A yes that it has not told of
// on this page may be its rule for the region.
import { byCategory, page, type Platform } from "./platform.js";

let hasChosen = false;

export const termly: Platform = {
  name: "termly",
  find: () => page.Termly?.getConsentState && page.Termly,
  watch: (api, changed) => {
    api.on("initialized", changed);
    api.on("consent", () => {
      hasChosen = true;
      changed();
    });
  },
  read: (api, options) => {
    const state = api.getConsentState();
    const isAnyOn = Object.entries(state || {}).some(([name, on]) => name != "essential" && on);
    if (!state || !(hasChosen || isAnyOn)) return null;
    return {
      ...byCategory(options, "analytics", "advertising", (name) => state[name]),
      isImplied: !hasChosen,
    };
  },
};
