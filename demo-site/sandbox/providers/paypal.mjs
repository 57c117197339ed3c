// SPDX-License-Identifier: Apache-2.0
// PayPal: an RSA signature over transmission id, time, webhook id and the body's CRC-32, with the
// certificate that PAYPAL-CERT-URL names; the sandbox serves its own at the same path. Captures hold
// custom_id alone; a refund names its capture in a link only; subscriptions are sales. Source: PayPal
// documentation "Webhooks", Orders v2 and Payments v2 references.
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { decimal, evenly, freshKey, HOUR_S, iso, short, total } from "../provider_wire.mjs";

// A key for the sandbox alone, which everybody may know.
const key = createPrivateKey({ format: "jwk", key: JSON.parse(readFileSync(new URL("paypal_key.json", import.meta.url))) });
const certificate = fileURLToPath(new URL("paypal_certificate.pem", import.meta.url));
const CERT_PATH = "/v1/notifications/certs/CERT-sandbox";

const id = (prefix, { key: fresh }) => `${prefix}${fresh.toUpperCase()}`;
const amount = (minor, currency) => ({ currency_code: currency, value: decimal(minor, currency) });
function event(event_type, resource_type, resource) {
  const whole = `WH-${freshKey(17).toUpperCase()}-${freshKey(17).toUpperCase()}`;
  return { id: whole, type: event_type, body: { id: whole, event_version: "1.0", create_time: iso(Date.now()), resource_type, resource_version: "2.0", event_type, summary: "", resource, links: [] } };
}
const order = ({ payment, charge }, status) => ({
  id: id("OR", charge), intent: "CAPTURE", status, payer: { email_address: payment.customer.email, name: { given_name: payment.customer.name }, address: { country_code: payment.customer.country } },
  purchase_units: [{ reference_id: "default", amount: amount(charge.amount, charge.currency), ...(payment.carried && { custom_id: payment.carried }) }],
});
const capture = ({ payment, charge }, status = "COMPLETED") => ({
  id: id("CA", charge), status, amount: amount(charge.amount, charge.currency), final_capture: true, ...(payment.carried && { custom_id: payment.carried }), create_time: iso(charge.at), update_time: iso(charge.at),
  seller_receivable_breakdown: { gross_amount: amount(charge.amount, charge.currency), paypal_fee: amount(35, charge.currency) }, supplementary_data: { related_ids: { order_id: id("OR", charge) } },
});
const sale_ = ({ payment, charge }) => ({
  id: id("SA", charge), state: "completed", amount: { total: decimal(charge.amount, charge.currency), currency: charge.currency }, billing_agreement_id: id("I-", payment), ...(payment.carried && { custom: payment.carried }), create_time: iso(charge.at), update_time: iso(charge.at),
});
const subscription = ({ payment, charge }) => ({
  id: id("I-", payment), status: "ACTIVE", plan_id: "P-SANDBOX", quantity: "1", ...(payment.carried && { custom_id: payment.carried }), start_time: iso(charge.at), create_time: iso(charge.at), update_time: iso(charge.at),
  subscriber: { email_address: payment.customer.email, payer_id: "RPZHE8694FWZC", name: { given_name: payment.customer.name }, shipping_address: { address: { country_code: payment.customer.country } } },
});
const dispute = (sale, more) => ({
  dispute_id: id("PP-D-", sale.dispute), reason: "UNAUTHORISED", dispute_amount: amount(sale.charge.amount, sale.charge.currency), create_time: iso(sale.dispute.at),
  disputed_transactions: [{ seller_transaction_id: id(sale.payment.interval ? "SA" : "CA", sale.charge) }], ...more,
});

function refunded(sale) {
  const { payment, charge, refund } = sale;
  if (payment.interval) return [event("PAYMENT.SALE.REFUNDED", "refund", { id: id("RE", refund), state: "completed", sale_id: id("SA", charge), amount: { total: decimal(refund.amount, charge.currency), currency: charge.currency }, create_time: iso(refund.at) })];
  return [event("PAYMENT.CAPTURE.REFUNDED", "refund", {
    id: id("RE", refund), status: "COMPLETED", amount: amount(refund.amount, charge.currency), create_time: iso(refund.at), seller_payable_breakdown: { total_refunded_amount: amount(total(charge.refunds), charge.currency) },
    links: [{ rel: "self", href: `https://api.paypal.com/v2/payments/refunds/${id("RE", refund)}`, method: "GET" }, { rel: "up", href: `https://api.paypal.com/v2/payments/captures/${id("CA", charge)}`, method: "GET" }],
  })];
}

export default {
  title: "PayPal", secret: "5GP028458E249SANDBOX",
  settings: ({ secret }) => ({ webhook_id: secret, certificate_pem: `file:${certificate}` }),
  handOver: { field: "custom_id", of: "token", words: "custom_id, as one token" },
  carries: (given) => short(given.custom_id, "custom_id", 127),
  reference: ({ payment, charge }) => id(payment.interval ? "SA" : "OR", charge),
  paid: (sale) => (sale.payment.interval
    ? [...(sale.charge.period === 0 ? [event("BILLING.SUBSCRIPTION.ACTIVATED", "subscription", subscription(sale))] : []), event("PAYMENT.SALE.COMPLETED", "sale", sale_(sale))]
    : [event("CHECKOUT.ORDER.APPROVED", "checkout-order", order(sale, "APPROVED")), event("PAYMENT.CAPTURE.COMPLETED", "capture", capture(sale)), event("CHECKOUT.ORDER.COMPLETED", "checkout-order", order(sale, "COMPLETED"))]),
  declined: (sale) => (sale.payment.interval ? [] : [event("CHECKOUT.ORDER.APPROVED", "checkout-order", order(sale, "APPROVED")), event("PAYMENT.CAPTURE.DECLINED", "capture", capture(sale, "DECLINED"))]),
  isRenewing: true,
  refunded,
  disputed: (sale) => [event("CUSTOMER.DISPUTE.CREATED", "dispute", dispute(sale, { status: "OPEN" }))],
  decided: (sale) => [event("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute(sale, { status: "RESOLVED", dispute_outcome: { outcome_code: sale.dispute.state === "won" ? "RESOLVED_SELLER_FAVOUR" : "RESOLVED_BUYER_FAVOUR" } }))],
  headers({ text, secret }) {
    const transmission = `${freshKey(8)}-${freshKey(12)}`.toLowerCase(), time = `${iso(Date.now()).slice(0, 19)}Z`;
    return {
      "paypal-transmission-id": transmission, "paypal-transmission-time": time, "paypal-auth-algo": "SHA256withRSA", "paypal-cert-url": `https://api.paypal.com${CERT_PATH}`,
      "paypal-transmission-sig": sign("sha256", Buffer.from(`${transmission}|${time}|${secret}|${crc32(text)}`), key).toString("base64"),
    };
  },
  api: ({ method, path }) => (method === "GET" && path === CERT_PATH ? { type: "application/x-pem-file", text: readFileSync(certificate, "utf8") } : null),
  retries_s: evenly(24, 72 * HOUR_S),
};
