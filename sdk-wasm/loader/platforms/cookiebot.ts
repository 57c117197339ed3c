// SPDX-License-Identifier: Apache-2.0
// Cookiebot (developer documentation). Its method is null before a choice, "implied" where the region
// needs none; its cookie carries the version of the declaration.
import { byCategory, cookie, page, type Platform } from "./platform.js";

export const cookiebot: Platform = {
  name: "cookiebot",
  find: () => page.Cookiebot?.consent && page.Cookiebot,
  events:
    "CookiebotOnLoad CookiebotOnConsentReady CookiebotOnAccept CookiebotOnDecline CookiebotOnTagsExecuted",
  read: ({ consent, hasResponse }, options) =>
    hasResponse || consent.method
      ? {
          ...byCategory(options, "statistics", "marketing", (name) => consent[name]),
          isImplied: !hasResponse || consent.method == "implied",
          version: cookie("CookieConsent").match(/ver:(\d+)/)?.[1],
        }
      : null,
};
