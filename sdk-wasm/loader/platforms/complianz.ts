// SPDX-License-Identifier: Apache-2.0
// Complianz for WordPress. It answers by category; that a banner has been answered only its cookie (with
// a prefix of its own on multisite) or an event of this page tells. Its "statistics-anonymous" is no
// consent to ids.
import { byCategory, page, type Platform } from "./platform.js";

let hasChosen = false;

export const complianz: Platform = {
  name: "complianz",
  find: () => page.cmplz_has_consent,
  events: "cmplz_fire_categories cmplz_revoke",
  watch: (_, changed) =>
    document.addEventListener("cmplz_status_change", () => {
      hasChosen = true;
      changed();
    }),
  read: (has, options) => {
    const said = byCategory(options, "statistics", "marketing", (name) => has(name));
    const isImplied = !hasChosen && !/cmplz_(\w+_)?banner-status=dismissed/.test(document.cookie);
    return !isImplied || said.storage || said.marketing ? { ...said, isImplied } : null;
  },
};
