// SPDX-License-Identifier: Apache-2.0
// The page goes away or into the background, perhaps for good: report the last activity once and let
// what waits leave by beacon. A page that comes back may leave again.
import { heed, wake } from "./choice.js";
import { permitsStorage } from "./consent.js";
import { listen } from "./guard.js";
import { countUndecided, record } from "./session.js";
import { sendBeacons } from "./transport.js";

let hasLeft = false;

export const watchLeaving = (): void => {
  const leave = (): void => {
    if (!hasLeft) {
      hasLeft = true;
      countUndecided();
      if (permitsStorage()) record("page_leave");
    }
    sendBeacons();
  };
  listen(window, "pagehide", leave);
  listen(window, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) wake();
  });
  listen(document, "visibilitychange", () => {
    if (document.visibilityState == "hidden") leave();
    else {
      hasLeft = false;
      heed(); // what a frozen tab has not heard
    }
  });
};
