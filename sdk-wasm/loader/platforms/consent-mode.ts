// SPDX-License-Identifier: Apache-2.0
// Google Consent Mode v2: gtag("consent", "default" | "update", {…}) puts Arguments objects into the
// data layer. A default that denies is no choice yet; one that grants is the site's word that an opt-out
// law applies, unless a default for some region denies, for a page does not know its region.
import { page, type Platform } from "./platform.js";

type States = Record<string, string>;
const granted: States = {};
const denied: States = {};
const updated: States = {};
let isUpdated = false;

const take = (entry: any): boolean => {
  const [command, kind, given] = Array.from(entry?.length ? entry : []) as any[];
  if (command != "consent" || !given) return false;
  isUpdated ||= kind == "update";
  for (const [type, value] of Object.entries<any>(given))
    if (kind == "update") updated[type] = value;
    else if (kind == "default" && /^(granted|denied)$/.test(value))
      if (value == "denied") denied[type] = value;
      else if (!given.region) granted[type] = value;
  return true;
};

const answer = (type: string): boolean | null => {
  if (updated[type]) return updated[type] == "granted";
  if (denied[type]) return isUpdated ? false : null;
  return granted[type] ? true : null;
};

export const consentMode: Platform = {
  name: "google_consent_mode",
  find: () => page.dataLayer?.push && page.dataLayer,
  watch: (layer, changed) => {
    [...layer].forEach(take);
    const push = layer.push;
    layer.push = (...entries: unknown[]) => {
      const length = push.apply(layer, entries);
      if (entries.map(take).includes(true)) changed();
      return length;
    };
  },
  read: () => {
    const storage = answer("analytics_storage");
    const forAds = [answer("ad_storage"), answer("ad_user_data")];
    // Version 1 knows no ad_user_data.
    const marketing = forAds.includes(false) ? false : forAds[0]!;
    const personalisation = answer("ad_personalization");
    const isImplied = ["analytics_storage", "ad_storage"].some((type) => answer(type) && !updated[type]);
    if (isUpdated || storage != null || marketing != null)
      return { storage, marketing, personalisation, isImplied };
    return Object.keys({ ...granted, ...denied })[0] ? null : undefined;
  },
};
