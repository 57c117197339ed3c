// SPDX-License-Identifier: Apache-2.0
// checkoutStarted(): the session goes on, only a purchase ends it.
import { checkoutProps } from "./checkout-props.js";
import { guard } from "./guard.js";
import { handOver } from "./handover.js";
import { record } from "./session.js";
import { readState } from "./storage.js";
import type { Checkout, CheckoutInput } from "./types.js";

export const startCheckout = (input?: CheckoutInput | null): Checkout => {
  const given = Object(input) as CheckoutInput;
  const url = guard(() => [given.url] + "")() || "";
  guard(() => record("checkout_started", checkoutProps(given)))();
  const { token, metadata, decorated } = handOver(guard(readState)() || "", Date.now());
  return { url: decorated(url), metadata, clientReferenceId: token };
};
