// SPDX-License-Identifier: Apache-2.0
// CookieYes ("Retrieving consent data using getCkyConsent()"). Where the California law is active its
// categories hold without an act of the visitor. The interface is absent while the banner is disabled.
import { byCategory, page, type Platform } from "./platform.js";

export const cookieYes: Platform = {
  name: "cookieyes",
  find: () => page.getCkyConsent,
  events: "cookieyes_banner_load cookieyes_consent_update",
  read: (consent, options) => {
    const { activeLaw, categories, isUserActionCompleted } = consent();
    const isImplied = !isUserActionCompleted;
    if (isImplied && activeLaw != "ccpa") return null;
    return {
      ...byCategory(options, "analytics|performance", "advertisement", (name) => categories[name]),
      isImplied,
    };
  },
};
