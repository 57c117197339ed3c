// SPDX-License-Identifier: Apache-2.0
// Adyen: a signature in the body for each notification item, over eight fields joined by colons, with
// the hex-decoded key; it does not cover the metadata. Modifications name their payment as
// originalReference. Source: npm @adyen/api-library 32.1.0 hmacValidator; Adyen documentation "Standard
// webhooks", "Webhook retries".
import { HOUR_S, hmac, iso, pairs } from "../provider_wire.mjs";

const psp = ({ number }) => `88${String(number).padStart(14, "0")}`;
const SIGNED = (item) => [item.pspReference, item.originalReference ?? "", item.merchantAccountCode, item.merchantReference, item.amount.value, item.amount.currency, item.eventCode, item.success];

function event({ payment, charge }, eventCode, own, { value = charge.amount, additionalData = {}, reason = "", success = "true" } = {}) {
  const isPayment = own === charge;
  const item = {
    additionalData, amount: { currency: charge.currency, value }, eventCode, eventDate: iso(Date.now()), merchantAccountCode: "TheLongLightECOM", merchantReference: `light-${payment.number}-${charge.period}`,
    pspReference: psp(own), ...(isPayment ? {} : { originalReference: psp(charge) }), paymentMethod: "visa", reason, success,
  };
  return { type: eventCode, body: { live: "true", notificationItems: [{ NotificationRequestItem: item }] } };
}

const authorisation = (sale, more) => event(sale, "AUTHORISATION", sale.charge, {
  ...more, additionalData: { shopperEmail: sale.payment.customer.email, shopperName: sale.payment.customer.name, shopperCountry: sale.payment.customer.country, ...Object.fromEntries(Object.entries(sale.payment.carried).map(([name, value]) => [`metadata.${name}`, value])) },
});

export default {
  title: "Adyen", secret: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
  handOver: { field: "metadata", words: "metadata of the payment request" },
  carries: (given) => pairs(given.metadata, { most: 20, longest: 80 }),
  reference: ({ charge }) => psp(charge),
  paid: (sale) => [authorisation(sale), event(sale, "CAPTURE", { number: sale.charge.number + 5_000_000 })],
  declined: (sale) => [authorisation(sale, { success: "false", reason: "Refused" })],
  refunded: (sale) => [event(sale, "REFUND", sale.refund, { value: sale.refund.amount })],
  disputed: (sale) => [event(sale, "CHARGEBACK", sale.dispute, { reason: "Fraudulent transaction" })],
  decided: (sale) => [event(sale, sale.dispute.state === "won" ? "CHARGEBACK_REVERSED" : "SECOND_CHARGEBACK", { number: sale.dispute.number + 5_000_000 })],
  write({ body }, secret) {
    const notificationItems = body.notificationItems.map(({ NotificationRequestItem: item }) => ({
      NotificationRequestItem: { ...item, additionalData: { ...item.additionalData, hmacSignature: hmac(Buffer.from(secret, "hex"), SIGNED(item).join(":"), "base64") } },
    }));
    return JSON.stringify({ ...body, notificationItems });
  },
  retries_s: [120, 300, 600, 900, 1800, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, ...Array(21).fill(8 * HOUR_S)],
};
