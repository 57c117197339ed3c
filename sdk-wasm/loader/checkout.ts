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

export const startCheckout = (input?: CheckoutInput | null): Checkout => {
  const given = Object(input) as CheckoutInput;
  const url = guard(() => String(given.url ?? ""))() || "";
  guard(() =>
    record("checkout_started", {
      product_id: given.productId,
      product_name: given.productName,
      price: given.price,
      currency: given.currency,
      order_id: given.orderId,
      provider: given.provider,
    }),
  )();
  const [token, metadata, decorated] = guard(handOver)(url) || [];
  return {
    url: decorated || url,
    metadata: parse<Checkout["metadata"]>(metadata) || {},
    clientReferenceId: token || null,
  };
};

// Attributes only: a form's properties give way to its fields of the same name.
const decorate = (element: Element): void => {
  const key = element.matches("form") ? "action" : "href";
  const from = new URL(element.getAttribute(key)!, document.baseURI).href;
  const [, , url] = handOver(from);
  if (!url || url == from) return;
  if (key == "action" && !/^post$/i.test(element.getAttribute("method")!))
    for (const [name, value] of new URL(url).searchParams) {
      const fields = [...element.querySelectorAll<HTMLInputElement>("input[type=hidden]")];
      const known = fields.find((one) => one.name == name);
      const field = known || document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      if (!known) element.append(field);
    }
  else element.setAttribute(key, url);
};

/** Links, and forms by address or (where the method drops the query) by hidden fields. */
export const decorateCheckout = (root: ParentNode = document): void =>
  root.querySelectorAll("a[href],form[action]").forEach((element) => guard(decorate)(element));
