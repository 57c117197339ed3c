// SPDX-License-Identifier: Apache-2.0
// Do Not Track, where the site honours it: a refusal of both purposes.
import { page, type Platform } from "./platform.js";

export const doNotTrack: Platform = {
  name: "dnt",
  find: ({ respectDnt }) =>
    respectDnt != null &&
    respectDnt + "" != "false" &&
    /^(1|yes)$/.test(navigator.doNotTrack || page.doNotTrack),
  read: () => ({ storage: false, marketing: false }),
};
