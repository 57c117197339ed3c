// SPDX-License-Identifier: Apache-2.0
// vanilla-cookieconsent 3. Bundled into a site it has no global: then its
// cookie alone tells.
import {
  byCategory, cookie, kUsualMarketing, kUsualStorage, page, type Platform,
} from "./platform.js";

const api = (): any =>
  typeof page.CookieConsent?.validConsent == "function" ? page.CookieConsent : undefined;

export const vanillaCookieConsent: Platform = {
  name: "vanilla-cookieconsent",
  find: () => api() || cookie("cc_cookie"),
  events: "cc:onFirstConsent cc:onConsent cc:onChange",
  read: (_, options) => {
    const now = api();
    if (now && !now.validConsent()) return null;
    const { categories, revision } = now ? now.getCookie() : JSON.parse(cookie("cc_cookie"));
    const others: string[] | undefined = now?.getUserPreferences().rejectedCategories;
    return {
      ...byCategory(options, kUsualStorage, kUsualMarketing, (name) =>
        categories.includes(name) ? true : !others || others.includes(name) ? false : null,
      ),
      version: revision == null ? undefined : revision + "",
    };
  },
};
