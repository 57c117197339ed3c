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
  onSubmit((form, event) => isIgnored(event) || decorateOne(form, handOver().decorated));
};
