// SPDX-License-Identifier: Apache-2.0
// Osano ("Developer documentation"). "initialized" comes at once where it has happened, with nothing
// before a choice; "changed" is a toggle that is not saved yet, so it is not listened to.
import { byCategory, page, type Platform } from "./platform.js";

let saved: Record<string, string> | undefined;

export const osano: Platform = {
  name: "osano",
  find: () => page.Osano?.cm,
  watch: (cm, changed) => {
    for (const event of ["osano-cm-initialized", "osano-cm-consent-saved"])
      cm.addEventListener(event, (consent: typeof saved) => {
        saved = consent;
        changed();
      });
  },
  read: (_, options) => {
    if (!saved) return null;
    const isOn = (name: string): boolean | undefined =>
      name in saved! ? saved![name] == "ACCEPT" : undefined;
    return {
      ...byCategory(options, "ANALYTICS", "MARKETING", isOn),
      personalisation: isOn("PERSONALIZATION"),
      optedOut: isOn("OPT_OUT"),
    };
  },
};
