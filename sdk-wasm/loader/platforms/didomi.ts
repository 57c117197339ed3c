// SPDX-License-Identifier: Apache-2.0
// Didomi ("Web SDK: API, events"). Purposes are named by the site, or are those of the IAB, whose
// first (`cookies`: storing on the device) all others need where the site asks for it. Its lists of callbacks
// may stand in the page before it comes.
import { byCategory, page, type Platform } from "./platform.js";

export const didomi: Platform = {
  name: "didomi",
  find: () => page.Didomi || page.didomiOnReady || page.didomiEventListeners,
  watch: (_, changed) => {
    (page.didomiOnReady ||= []).push(changed);
    (page.didomiEventListeners ||= []).push({ event: "consent.changed", listener: changed });
  },
  read: (_, options) => {
    const api = page.Didomi;
    if (!api?.getCurrentUserStatus) return;
    const isOpen = (api.shouldUserStatusBeCollected || api.shouldConsentBeCollected)?.call(api);
    if (isOpen) return null;
    const { purposes } = api.getCurrentUserStatus();
    const mayStore = purposes.cookies?.enabled !== false;
    return {
      ...byCategory(
        options,
        "analytics measure_content_performance",
        "marketing measure_ad_performance create_ads_profile",
        (name) => purposes[name] && mayStore && purposes[name].enabled,
      ),
      isImplied: api.isConsentRequired?.() === false,
    };
  },
};
