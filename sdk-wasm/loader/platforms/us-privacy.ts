// SPDX-License-Identifier: Apache-2.0
// The older US Privacy string of the IAB, such as 1YYN: its third character is the opt-out of sale, Y
// or N, or - where the law does not apply. It is read again after clicks, for it tells of no change.
import { page, type Platform } from "./platform.js";

export const usPrivacy: Platform = {
  name: "iab_usp",
  find: () => page.__uspapi,
  read: (api) => {
    let text = "";
    api("getUSPData", 1, (heard: any) => (text = heard?.uspString || ""));
    const optedOut = text[2] == "Y";
    if (optedOut || text[2] == "N") return { storage: true, marketing: !optedOut, optedOut, isImplied: true };
  },
};
