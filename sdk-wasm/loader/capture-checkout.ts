// SPDX-License-Identifier: Apache-2.0
// data-capture="checkout": links and forms to the payment providers' pages carry the ids as they are followed,
// whenever they came into the page; what decorateCheckout() does for those that are there already.
import type { HandOver } from "./handover.js";
import { decorateOne } from "./links.js";
import { isIgnored, lendAddress, onLinkClick, onSubmit } from "./page-events.js";

/** `handOver`: with the ids as they are now. */
export const watchCheckouts = (handOver: () => HandOver): void => {
  onLinkClick((link, { href }, event) => {
    const address = handOver().decorated(href);
    if (address != href && !isIgnored(event)) lendAddress(link, address);
  });
  // The form's data is read after the event; then it is as the page had it, as links are.
  onSubmit((form, event) => {
    const undo = isIgnored(event) ? undefined : decorateOne(form, handOver().decorated);
    if (undo) setTimeout(undo);
  });
};
