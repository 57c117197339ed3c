// SPDX-License-Identifier: Apache-2.0
// Chargebee: Basic authentication and no signature. The invoice is the sale, first_invoice tells first
// payments from renewals; meta_data of the subscription (or, bought once, of the customer) carries the
// ids on. Its API lists the events that the webhooks told. Source: npm chargebee 3.33.0 (webhook/auth,
// Event); Chargebee API reference "Events".
import { cursorAt, cursorOf, page, told } from "../order_lists.mjs";
import { inSeconds, freshKey, pairs } from "../provider_wire.mjs";

function event(sale, event_type, content) {
  const id = `ev_${freshKey(16)}`;
  const { payment, charge } = sale;
  const meta_data = payment.carried;
  const customer = { id: `cus_${payment.key}`, email: payment.customer.email, first_name: payment.customer.name, last_name: "", billing_address: { country: payment.customer.country }, ...(payment.interval ? {} : { meta_data }) };
  const invoice = { id: `inv_${charge.number}`, status: "paid", total: charge.amount, amount_paid: charge.amount, currency_code: charge.currency, first_invoice: charge.period === 0, ...(payment.interval && { subscription_id: `sub_${payment.key}` }) };
  const subscription = payment.interval ? { subscription: { id: `sub_${payment.key}`, status: "active", meta_data } } : {};
  return { id, type: event_type, body: { id, occurred_at: inSeconds(Date.now()), source: "api", api_version: "v2", event_type, webhook_status: "scheduled", content: { ...subscription, customer, invoice, ...content } } };
}
const transaction = ({ charge }, type, { key, amount, at }, status = "success") => ({ id: `txn_${key}`, type, status, amount, currency_code: charge.currency, date: inSeconds(at) });

const API_KEY = "live_chargebee_sandbox";
const refusal = (status, api_error_code, message, param) => told({ message, type: status === 401 ? undefined : "invalid_request", api_error_code, http_status_code: status, param }, status);
function listed(search, events, most) {
  const limit = Number(search.get("limit") ?? 10), after = Number(search.get("occurred_at[after]") ?? 0), offset = search.get("offset");
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return refusal(400, "param_wrong_value", "limit : should be between 1 and 100", "limit");
  if (!Number.isInteger(after)) return refusal(400, "param_wrong_value", "occurred_at[after] : invalid timestamp", "occurred_at[after]");
  const first = offset ? cursorAt("events", offset) : 0;
  if (first === null) return refusal(400, "param_wrong_value", "offset : invalid value", "offset");
  const { items, next } = page(events.map(({ body }) => body).filter(({ occurred_at }) => occurred_at > after), first, Math.min(limit, most));
  return told({ list: items.map((event) => ({ event })), ...(next !== null && { next_offset: cursorOf("events", next) }) });
}

export default {
  title: "Chargebee", secret: "throughline:chargebee-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { field: "meta_data", words: "meta_data of subscription and customer" },
  carries: (given) => pairs(given.meta_data),
  reference: ({ charge }) => `inv_${charge.number}`,
  paid: (sale) => [
    event(sale, "invoice_generated", {}), ...(sale.payment.interval && sale.charge.period === 0 ? [event(sale, "subscription_created", {})] : []),
    event(sale, "payment_succeeded", { transaction: transaction(sale, "payment", sale.charge) }), event(sale, "invoice_updated", {}),
  ],
  declined: (sale) => [event(sale, "payment_failed", { transaction: transaction(sale, "payment", sale.charge, "failure") })],
  isRenewing: true,
  refunded: (sale) => [event(sale, "payment_refunded", { transaction: transaction(sale, "refund", sale.refund) }), event(sale, "credit_note_created", { credit_note: { id: `cn_${sale.refund.key}`, reference_invoice_id: `inv_${sale.charge.number}`, total: sale.refund.amount } })],
  headers: ({ secret }) => ({ authorization: `Basic ${Buffer.from(secret).toString("base64")}` }),
  api({ method, path, search, headers, events, most }) {
    if (method !== "GET" || path !== "/api/v2/events") return null;
    const isKnown = headers.authorization === `Basic ${Buffer.from(`${API_KEY}:`).toString("base64")}`;
    return isKnown ? listed(search, events, most) : refusal(401, "api_authentication_failed", "Sorry, authentication failed. Invalid api key");
  },
  retries_s: [120, 360, 1800, 3600, 18_000, 86_400, 172_800],
};
