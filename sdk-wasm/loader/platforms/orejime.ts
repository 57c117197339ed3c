// SPDX-License-Identifier: Apache-2.0
// Orejime 3. "Dirty" means that some purpose is not chosen yet.
import { byCategory, kUsualMarketing, kUsualStorage, page, type Platform } from "./platform.js";

export const orejime: Platform = {
  name: "orejime",
  find: () => page.orejime?.manager,
  watch: (manager, changed) => {
    for (const event of ["update", "clear", "dirty"]) manager.on(event, changed);
  },
  read: (manager, options) =>
    manager.isDirty()
      ? null
      : byCategory(options, kUsualStorage, kUsualMarketing, (name) => manager.getConsent(name)),
};
