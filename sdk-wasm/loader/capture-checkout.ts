// SPDX-License-Identifier: Apache-2.0
// data-capture="checkout": links and forms to the payment providers' pages carry the ids as they are followed,
// whenever they came into the page; what decorateCheckout() does for those that are there already.
import type { HandOver } from "./handover.js";
import { decorateOne } from "./links.js";
import { isIgnored, lendAddress, onLinkClick, onSubmit } from "./page-events.js";

/** `handOver`: with the ids as they are now. */
export const watchCheckouts = (handOver: () => HandOver, on: (event: "consent" | "reset", listener: () => void) => void): void => {
  let undo: (() => void) | undefined;
  const restore = (): void => {
    undo?.();
    undo = undefined;
  };
  onLinkClick((link, { href }, event) => {
    const address = handOver().decorated(href);
    if (address != href && !isIgnored(event)) lendAddress(link, address);
  });
  // The form's data is read after the event; then it is as the page had it, as links are. A page that
  // checks first and then submits by script finds the ids still there.
  onSubmit((form, event) => {
    restore();
    if (!isIgnored(event)) undo = decorateOne(form, handOver().decorated);
    setTimeout(() => event.defaultPrevented || restore());
  });
  on("consent", restore);
  on("reset", restore); // told as well where the page comes back
};
