// SPDX-License-Identifier: Apache-2.0
// Shopify's Customer Privacy API, which combines region, settings and choice. An empty word means that
// the visitor has not chosen.
import { page, type Platform } from "./platform.js";

const kApi = [{ name: "consent-tracking-api", version: "0.1" }];

export const shopify: Platform = {
  name: "shopify",
  find: () => (page.Shopify?.customerPrivacy || page.Shopify?.loadFeatures) && page.Shopify,
  events: "visitorConsentCollected shopifyCustomerPrivacyApiLoaded",
  watch: (api, changed) => {
    if (!api.customerPrivacy) api.loadFeatures(kApi, changed);
  },
  read: ({ customerPrivacy: api }) => {
    if (!api) return null;
    const { analytics, marketing } = api.currentVisitorConsent?.() || {};
    let isImplied = false;
    const answer = (isAllowed: boolean, said: string): boolean | null => {
      isImplied ||= isAllowed && said != "yes";
      return isAllowed ? true : said == "no" ? false : null;
    };
    const storage = answer(api.analyticsProcessingAllowed(), analytics);
    const forAds = answer(api.marketingAllowed(), marketing);
    if (storage == null && forAds == null) return null;
    return { storage, marketing: forAds, optedOut: api.saleOfDataAllowed?.() === false, isImplied };
  },
};
