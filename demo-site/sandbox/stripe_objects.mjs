// SPDX-License-Identifier: Apache-2.0
// The shapes of Stripe's objects as they appear in `data.object` of an event: checkout session,
// payment intent, charge, refund, dispute, invoice and invoice payment, in the API version that the
// official package 23.1.0 speaks. Unused members are null as on Stripe's side, not left out.
// `livemode` follows the key that created the session (sk_live_… or sk_test_…), as it does there.
import { randomBytes } from "node:crypto";

export const API_VERSION = "2026-10-28.endive";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export function objectId(prefix, length = 24) {
  return prefix + [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

export const seconds = () => Math.floor(Date.now() / 1000);

export function checkoutSession(params, livemode, origin) {
  const id = objectId(livemode ? "cs_live_" : "cs_test_", 58);
  return {
    id, object: "checkout.session", adaptive_pricing: { enabled: false }, after_expiration: null, allow_promotion_codes: null,
    amount_subtotal: params.total, amount_total: params.total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null, cancel_url: params.cancelUrl, client_reference_id: params.reference, client_secret: null,
    collected_information: null, consent: null, consent_collection: null, created: seconds(), currency: params.currency,
    currency_conversion: null, custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null, customer_creation: params.mode === "payment" ? "if_required" : "always", customer_details: null,
    customer_email: params.email, discounts: [], expires_at: params.expires, invoice: null,
    invoice_creation: params.mode === "payment" ? { enabled: false, invoice_data: { metadata: {} } } : null,
    livemode, locale: null, metadata: params.metadata, mode: params.mode, origin_context: null, payment_intent: null,
    payment_link: null, payment_method_collection: params.mode === "payment" ? "if_required" : "always",
    payment_method_configuration_details: null, payment_method_options: {}, payment_method_types: ["card"],
    payment_status: "unpaid", permissions: null, phone_number_collection: { enabled: false }, recovered_from: null,
    saved_payment_method_options: null, setup_intent: null, shipping_address_collection: null, shipping_cost: null,
    shipping_options: [], status: "open", submit_type: params.submitType, subscription: null, success_url: params.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 }, ui_mode: "hosted_page",
    url: `${origin}/c/pay/${id}`, wallet_options: null,
  };
}

export function paymentIntent(session, metadata, customer) {
  return {
    id: objectId("pi_3"), object: "payment_intent", amount: session.amount_total, amount_capturable: 0,
    amount_details: { tip: {} }, amount_received: session.amount_total, application: null, application_fee_amount: null,
    automatic_payment_methods: null, canceled_at: null, cancellation_reason: null, capture_method: "automatic_async",
    client_secret: null, confirmation_method: "automatic", created: seconds(), currency: session.currency,
    customer: session.customer, description: null, last_payment_error: null, latest_charge: null, livemode: session.livemode,
    metadata, next_action: null, on_behalf_of: null, payment_method: objectId("pm_1"), payment_method_options: {},
    payment_method_types: ["card"], processing: null, receipt_email: customer.email, review: null, setup_future_usage: null,
    shipping: null, source: null, statement_descriptor: null, statement_descriptor_suffix: null, status: "succeeded",
    transfer_data: null, transfer_group: null,
  };
}

// What becomes of an intent with its charges.
export const succeeded = (session) => ({ amount_received: session.amount_total, last_payment_error: null, status: "succeeded" });
export const failed = (declined) => ({
  amount_received: 0, latest_charge: declined.id, payment_method: null, status: "requires_payment_method",
  last_payment_error: { charge: declined.id, code: declined.failure_code, decline_code: "generic_decline", message: declined.failure_message, type: "card_error" },
});

export function declinedCharge(intent, customer) {
  return {
    ...charge(intent, customer), amount_captured: 0, balance_transaction: null, captured: false, failure_code: "card_declined", failure_message: "Your card was declined.", paid: false, status: "failed",
    outcome: { network_status: "declined_by_network", reason: "generic_decline", risk_level: "normal", seller_message: "The bank did not return any further details with this decline.", type: "issuer_declined" },
  };
}

export function charge(intent, customer) {
  return {
    id: objectId("ch_3"), object: "charge", amount: intent.amount, amount_captured: intent.amount, amount_refunded: 0,
    application: null, application_fee: null, application_fee_amount: null, balance_transaction: objectId("txn_3"),
    billing_details: {
      address: { city: null, country: customer.country, line1: null, line2: null, postal_code: null, state: null },
      email: customer.email, name: customer.name, phone: null, tax_id: null,
    },
    calculated_statement_descriptor: "THE LONG LIGHT", captured: true, created: seconds(), currency: intent.currency,
    customer: intent.customer, description: null, disputed: false, failure_balance_transaction: null, failure_code: null,
    failure_message: null, fraud_details: {}, livemode: intent.livemode, metadata: intent.metadata, on_behalf_of: null,
    outcome: {
      network_status: "approved_by_network", reason: null, risk_level: "normal", seller_message: "Payment complete.",
      type: "authorized",
    },
    paid: true, payment_intent: intent.id, payment_method: intent.payment_method,
    payment_method_details: { card: { brand: "visa", country: "US", last4: "4242", network: "visa" }, type: "card" },
    receipt_email: customer.email, receipt_number: null, receipt_url: null, refunded: false, review: null, shipping: null,
    source: null, source_transfer: null, statement_descriptor: null, statement_descriptor_suffix: null, status: "succeeded",
    transfer_data: null, transfer_group: null,
  };
}

export function refund(paid, amount) {
  return {
    id: objectId("re_3"), object: "refund", amount, balance_transaction: objectId("txn_3"), charge: paid.id, created: seconds(),
    currency: paid.currency, destination_details: { card: { type: "refund", reference_status: "pending" }, type: "card" },
    metadata: {}, payment_intent: paid.payment_intent, reason: "requested_by_customer", receipt_number: null,
    source_transfer_reversal: null, status: "succeeded", transfer_reversal: null,
  };
}

export function dispute(paid) {
  return {
    id: objectId("du_1"), object: "dispute", amount: paid.amount - paid.amount_refunded, balance_transactions: [],
    charge: paid.id, created: seconds(), currency: paid.currency, enhanced_eligibility_types: [], evidence: {},
    evidence_details: { due_by: seconds() + 7 * 86400, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: false, livemode: paid.livemode, metadata: {}, network_reason_code: "10.4",
    payment_intent: paid.payment_intent, reason: "fraudulent", status: "needs_response",
  };
}

// An invoice of a subscription: since 2025-03-31 it names its subscription under `parent` and its payment
// only through the invoice payment below. reason: subscription_create or subscription_cycle.
export function invoice(session, metadata, customer, items, reason) {
  return {
    id: objectId("in_1"), object: "invoice", amount_due: session.amount_total, amount_paid: session.amount_total,
    amount_remaining: 0, billing_reason: reason, created: seconds(), currency: session.currency,
    customer: session.customer, customer_address: { country: customer.country }, customer_email: customer.email,
    customer_name: customer.name, customer_phone: null,
    lines: {
      object: "list", has_more: false,
      data: items.map((item) => ({
        id: objectId("il_1"), object: "line_item", amount: item.unit_amount * item.quantity, currency: item.currency,
        description: `${item.quantity} × ${item.name}`, metadata, quantity: item.quantity,
      })),
    },
    livemode: session.livemode, metadata: {},
    parent: { quote_details: null, subscription_details: { metadata, subscription: session.subscription }, type: "subscription_details" },
    status: "paid", status_transitions: { finalized_at: seconds(), marked_uncollectible_at: null, paid_at: seconds(), voided_at: null },
    subtotal: session.amount_total, total: session.amount_total, total_discount_amounts: [], total_taxes: [],
  };
}

export function invoicePayment(paidInvoice, intentId) {
  return {
    id: objectId("inpay_1"), object: "invoice_payment", amount_paid: paidInvoice.amount_paid, amount_requested: paidInvoice.amount_due,
    created: seconds(), currency: paidInvoice.currency, invoice: paidInvoice.id, is_default: true, livemode: paidInvoice.livemode,
    payment: { payment_intent: intentId, type: "payment_intent" }, status: "paid",
    status_transitions: { canceled_at: null, paid_at: seconds() },
  };
}

export function eventOf(type, object, { previous, requestId = null, idempotencyKey = null } = {}) {
  const data = { object: structuredClone(object) };
  if (previous) data.previous_attributes = previous;
  return {
    id: objectId("evt_1"), object: "event", api_version: API_VERSION, created: seconds(), data, livemode: object.livemode ?? true,
    pending_webhooks: 1, request: { id: requestId, idempotency_key: idempotencyKey }, type,
  };
}
