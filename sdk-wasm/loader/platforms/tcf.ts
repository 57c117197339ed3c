// SPDX-License-Identifier: Apache-2.0
// IAB TCF 2.2 and 2.3 ("CMP API v2"): the listener is called with the state and at every change.
// Storage needs consent to purposes 1 (storing on the device) and 8 (measuring content), marketing to
// 1 and 7 (measuring advertising) and to Google as a vendor, personalisation to 3 and 4. Legitimate
// interest is no consent.
import { kGoogleVendor, page, type Platform } from "./platform.js";

let data: any;

export const tcf: Platform = {
  name: "iab_tcf",
  find: () => page.__tcfapi,
  watch: (api, changed) =>
    api("addEventListener", 2, (heard: any, isGood: boolean) => {
      const isDecided = /^(tcloaded|useractioncomplete)$/.test(heard?.eventStatus);
      if (!isGood || !(isDecided || heard.gdprApplies === false)) return;
      data = heard;
      changed();
    }),
  read: () => {
    if (!data) return null;
    if (data.gdprApplies === false) return; // no say where the law it speaks for does not apply
    const { cmpId, cmpVersion, tcfPolicyVersion, purpose, vendor, tcString } = data;
    const has = (...ids: number[]): boolean => ids.every((id) => purpose.consents[id]);
    return {
      storage: has(1, 8),
      marketing: has(1, 7) && !!vendor?.consents?.[kGoogleVendor],
      personalisation: has(3, 4),
      version: [cmpId, cmpVersion, tcfPolicyVersion].join("."),
      string: tcString,
    };
  },
};
