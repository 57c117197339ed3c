// SPDX-License-Identifier: Apache-2.0
// CookieScript ("Custom events", "Custom functions").
import { byCategory, page, type Platform } from "./platform.js";

export const cookieScript: Platform = {
  name: "cookiescript",
  find: () => page.CookieScript?.instance,
  events:
    "CookieScriptLoaded CookieScriptAcceptAll CookieScriptAccept CookieScriptReject CookieScriptClose",
  read: (instance, options) => {
    const { action, categories = [] } = instance.currentState();
    if (!action) return null;
    return byCategory(options, "performance", "targeting", (name) => categories.includes(name));
  },
};
