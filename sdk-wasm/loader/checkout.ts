// SPDX-License-Identifier: Apache-2.0
// The hand-over of the ids to a payment provider's page (shared/checkout.hpp). Without consent there
// are no ids, and addresses stay as they are. The session goes on: only a purchase ends it.
import { callCore, hasCore } from "./core.js";
import { guard } from "./guard.js";
import { record } from "./session.js";
import { parse, readState } from "./storage.js";
import type { Checkout, CheckoutInput } from "./types.js";

type HandOver = [token?: string, metadata?: string, url?: string];

// Without a core: the token and the metadata, and the address of a Stripe payment link.
const handOver = (url: string): HandOver => {
  const state = readState();
  const now = Date.now();
  if (hasCore()) return callCore("h", [state, url], now) as HandOver;
  const [anonymous_id, session_id] = state.split(".");
  if (!session_id) return [];
  const token = ["tl1", anonymous_id, session_id, now.toString(36)].join("_");
  const metadata = { anonymous_id, session_id, checkout_started_at: now + "" };
  const [base, fragment] = url.split("#");
  return [
    token,
    JSON.stringify(metadata),
    /^https:..(buy|donate|book)\.stripe\.com.(?!.*client_reference_id)/.test(url)
      ? base + (url.includes("?") ? "&" : "?") + "client_reference_id=" + token + (fragment ? "#" + fragment : "")
      : url,
  ];
};

export const startCheckout = (input: CheckoutInput = {}): Checkout => {
  const { url = "" } = input;
  guard(record)("checkout_started", {
    product_id: input.productId,
    product_name: input.productName,
    price: input.price,
    currency: input.currency,
    order_id: input.orderId,
    provider: input.provider,
  });
  const [token, metadata, decorated] = guard(handOver)(url) || [];
  return {
    url: decorated || url,
    metadata: parse<Checkout["metadata"]>(metadata) || {},
    clientReferenceId: token || null,
  };
};

/** Links, and forms by address or (where the method drops the query) by hidden fields. */
export const decorateCheckout = (root: ParentNode = document): void => {
  for (const element of root.querySelectorAll<HTMLAnchorElement | HTMLFormElement>(
    "a[href],form[action]",
  )) {
    const key = "href" in element ? "href" : "action";
    const from = (element as unknown as Record<string, string>)[key]!;
    const [, , url] = handOver(from);
    if (!url || url == from) continue;
    if (key == "action" && (element as HTMLFormElement).method == "get")
      for (const [name, value] of new URL(url).searchParams) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        element.append(field);
      }
    else element.setAttribute(key, url);
  }
};
