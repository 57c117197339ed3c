// SPDX-License-Identifier: Apache-2.0
// Klaro. Its consents are toggles until they are saved. It asks for each service by the site's names.
import { byCategory, kUsualMarketing, kUsualStorage, page, type Platform } from "./platform.js";

export const klaro: Platform = {
  name: "klaro",
  find: () => page.klaro?.getManager?.(page.klaroConfig),
  watch: (manager, changed) =>
    manager.watch({
      update: (_: unknown, type: string) => {
        if (type == "saveConsents" || !manager.confirmed) changed();
      },
    }),
  read: (manager, options) =>
    manager.confirmed
      ? byCategory(options, kUsualStorage, kUsualMarketing, (name) => manager.savedConsents[name])
      : null,
};
