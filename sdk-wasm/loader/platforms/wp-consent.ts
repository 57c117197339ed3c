// SPDX-License-Identifier: Apache-2.0
// The WP Consent API, to which many WordPress banners write. While no banner has named a type of consent
// it answers true to everything, which is nobody's choice; with one it answers false before a choice
// too, and the cookie of the category tells which.
import { byCategory, cookie, page, type Platform } from "./platform.js";

export const wpConsent: Platform = {
  name: "wp_consent_api",
  find: () => page.wp_has_consent,
  events: "wp_listen_for_consent_change wp_consent_type_defined",
  read: (has, options) => {
    if (!(page.wp_consent_type || page.wp_fallback_consent_type)) return null;
    let isImplied = false;
    const said = byCategory(options, "statistics", "marketing", (name) => {
      const isChosen = !!cookie("wp_consent_" + name);
      isImplied ||= has(name) && !isChosen;
      return has(name) || (isChosen ? false : null);
    });
    return { ...said, isImplied };
  },
};
