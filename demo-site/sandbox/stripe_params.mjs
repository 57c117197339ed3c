// SPDX-License-Identifier: Apache-2.0
// What `POST /v1/checkout/sessions` accepts: names, types and limits of its parameters, refused with
// Stripe's codes. Only what a hosted one-time or subscription checkout uses is known here; everything
// else is refused as unknown, so a misspelt parameter is seen. Source: Stripe API reference "Create
// a Checkout Session" and "Metadata", and the parameter types of the official package 23.1.0.
import { invalid, missing, notFound, unknownParam } from "./stripe_errors.mjs";

const KNOWN = new Set([
  "mode", "line_items", "success_url", "cancel_url", "client_reference_id", "customer_email", "metadata", "payment_intent_data",
  "subscription_data", "expires_at", "locale", "submit_type", "ui_mode", "payment_method_types", "allow_promotion_codes",
  "billing_address_collection", "phone_number_collection", "customer_creation", "automatic_tax", "expand",
]);
const MODES = ["payment", "subscription", "setup"];
// The smallest charge by currency, in its minor units ("Supported currencies", minimum amounts).
const MINIMUM = { eur: 50, usd: 50, gbp: 30, czk: 1500, chf: 50, jpy: 50, pln: 200, sek: 300 };

function text(value, param, limit) {
  if (typeof value !== "string") throw invalid(`Invalid string: ${JSON.stringify(value)}`, undefined, param);
  if (value.length > limit) {
    throw invalid(`Invalid string: ${value.slice(0, 20)}...; must be at most ${limit} characters`, "parameter_invalid_string", param);
  }
  return value;
}

function integer(value, param) {
  if (typeof value !== "string" || !/^-?\d{1,15}$/.test(value)) throw invalid(`Invalid integer: ${value}`, "parameter_invalid_integer", param);
  return Number(value);
}

export function metadata(value, param) {
  if (value === undefined || value === "") return {};
  if (typeof value !== "object") throw invalid("Invalid hash", "parameter_invalid_hash", param);
  const entries = Object.entries(value);
  if (entries.length > 50) throw invalid(`You can only specify up to 50 keys in the metadata; you passed ${entries.length}.`, undefined, param);
  for (const [key, item] of entries) {
    if (key.length > 40) throw invalid(`Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters.`, undefined, `${param}[${key}]`);
    if (typeof item !== "string") throw invalid("Metadata values must be strings", undefined, `${param}[${key}]`);
    if (item.length > 500) throw invalid(`Metadata values can have up to 500 characters, but you passed in a value that is ${item.length} characters.`, undefined, `${param}[${key}]`);
  }
  return Object.fromEntries(entries.filter(([, item]) => item !== ""));
}

function url(value, param) {
  text(value, param, 5000);
  // Stripe substitutes {CHECKOUT_SESSION_ID}; braces would be no part of a valid URL otherwise.
  if (!/^https?:\/\/[^\s/]+/.test(value) || !URL.canParse(value)) throw invalid("Not a valid URL", "url_invalid", param);
  return value;
}

function lineItem(item, index, mode, prices) {
  const at = `line_items[${index}]`;
  const quantity = item.quantity === undefined ? undefined : integer(item.quantity, `${at}[quantity]`);
  if (quantity === undefined) throw missing(`${at}[quantity]`);
  if (quantity < 1) throw invalid("This value must be greater than or equal to 1.", "parameter_invalid_integer", `${at}[quantity]`);
  if (item.price !== undefined) {
    const known = prices[item.price];
    if (!known) throw Object.assign(notFound("price", item.price, `${at}[price]`), { status: 400 });
    return { ...known, price: item.price, quantity };
  }
  const data = item.price_data;
  if (typeof data !== "object") throw missing(`${at}[price]`);
  if (!data.currency) throw missing(`${at}[price_data][currency]`);
  if (!/^[a-z]{3}$/.test(data.currency)) throw invalid(`Invalid currency: ${data.currency}`, "parameter_invalid", `${at}[price_data][currency]`);
  if (data.unit_amount === undefined) throw missing(`${at}[price_data][unit_amount]`);
  const amount = integer(data.unit_amount, `${at}[price_data][unit_amount]`);
  if (amount < 0 || amount > 99_999_999) throw invalid("Invalid non-negative integer", "parameter_invalid_integer", `${at}[price_data][unit_amount]`);
  if (!data.product_data?.name && !data.product) throw missing(`${at}[price_data][product_data][name]`);
  if (mode === "subscription" && !data.recurring?.interval) throw invalid("You must provide at least one recurring price in `subscription` mode when using prices.", undefined, at);
  return { name: data.product_data?.name ?? data.product, currency: data.currency, unit_amount: amount, interval: data.recurring?.interval, quantity };
}

// The checked parameters, or throws a StripeError. `now` is in seconds.
export function checkoutParams(raw, prices, now) {
  for (const key of Object.keys(raw)) if (!KNOWN.has(key)) throw unknownParam(key);
  const mode = raw.mode ?? "";
  if (mode === "") throw missing("mode");
  if (!MODES.includes(mode)) throw invalid(`Invalid mode: must be one of payment, setup, or subscription`, undefined, "mode");
  if (mode === "setup") throw invalid("The sandbox has no setup mode.", undefined, "mode");
  if (raw.ui_mode !== undefined && raw.ui_mode !== "hosted" && raw.ui_mode !== "hosted_page") throw invalid("The sandbox has the hosted page only.", undefined, "ui_mode");
  if (!raw.success_url) throw missing("success_url");
  if (!Array.isArray(raw.line_items) || raw.line_items.length === 0) throw missing("line_items");
  if (mode === "payment" && raw.subscription_data) throw invalid("You can not pass `subscription_data` in `payment` mode.", undefined, "subscription_data");
  if (mode === "subscription" && raw.payment_intent_data) throw invalid("You can not pass `payment_intent_data` in `subscription` mode.", undefined, "payment_intent_data");
  const items = raw.line_items.map((item, i) => lineItem(item, i, mode, prices));
  if (new Set(items.map((item) => item.currency)).size > 1) throw invalid("All line items must have the same currency.", undefined, "line_items");
  const total = items.reduce((sum, item) => sum + item.unit_amount * item.quantity, 0);
  const least = MINIMUM[items[0].currency] ?? 0;
  if (total > 0 && total < least) throw invalid(`The Checkout Session's total amount due must add up to at least ${least} ${items[0].currency} in minor units`, "amount_too_small", "line_items");
  const reference = raw.client_reference_id === undefined ? null : text(raw.client_reference_id, "client_reference_id", 200);
  const email = raw.customer_email === undefined ? null : text(raw.customer_email, "customer_email", 800);
  if (email !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw invalid(`Invalid email address: ${email}`, "email_invalid", "customer_email");
  const expires = raw.expires_at === undefined ? now + 86400 : integer(raw.expires_at, "expires_at");
  if (expires < now + 1800 || expires > now + 86400) throw invalid("The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.", undefined, "expires_at");
  return {
    mode, items, total, currency: items[0].currency, reference, email, expires,
    successUrl: url(raw.success_url, "success_url"), cancelUrl: raw.cancel_url === undefined ? null : url(raw.cancel_url, "cancel_url"),
    metadata: metadata(raw.metadata, "metadata"),
    paymentMetadata: metadata(raw.payment_intent_data?.metadata, "payment_intent_data[metadata]"),
    subscriptionMetadata: metadata(raw.subscription_data?.metadata, "subscription_data[metadata]"),
    submitType: raw.submit_type ?? null,
  };
}
