// SPDX-License-Identifier: Apache-2.0
// What the rules of many providers (providers/*.mjs) need to write as their vendors do: MACs, times,
// amounts, fresh ids, delays between repeats.
import { createHmac, randomBytes } from "node:crypto";
import { decimal, digitsOf } from "./money.mjs";

export { decimal };

export const hmac = (key, text, encoding = "hex", hash = "sha256") => createHmac(hash, key).update(text).digest(encoding);

// Standard Webhooks' three headers; `key` is what the vendor takes for the HMAC's key.
export const standardHeaders = ({ event, text, seconds, secret }, key = secret) => ({
  "webhook-id": event.id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${hmac(key, `${event.id}.${seconds}.${text}`, "base64")}`,
});

// `length` letters and digits.
export const freshKey = (length = 14) => randomBytes(length * 2).toString("base64").replace(/[^A-Za-z0-9]/g, "").slice(0, length);

export const iso = (ms) => new Date(ms).toISOString();
export const inSeconds = (ms) => Math.floor(ms / 1000);
// ISO 8601 without a zone, in UTC.
export const gmt = (ms) => iso(ms).slice(0, 19);

// A JSON number of the currency's main unit.
export const number = (minor, currency) => minor / 10 ** digitsOf(currency);
// Hundredths, whatever the currency has.
export const hundredths = (minor, currency) => minor * 10 ** (2 - digitsOf(currency));

export const total = (list) => list.reduce((sum, { amount }) => sum + amount, 0);

// Every charge with its payment, those that failed among them.
export const salesOf = (payments) => payments.flatMap((payment) => [...payment.declined, ...payment.charges].map((charge) => ({ payment: { ...payment, customer: charge.customer ?? payment.customer }, charge })));

// Seconds between repeats.
export const HOUR_S = 3600;
export const doubling = (count, first, most = Infinity) => Array.from({ length: count }, (_, i) => Math.min(most, first * 2 ** i));
export const evenly = (count, overS) => Array(count).fill(Math.round(overS / count));

// At most `most` pairs of short texts, as vendors limit their metadata; throws a sentence.
export function pairs(given, { most = 50, longest = 500 } = {}) {
  const entries = Object.entries(given ?? {});
  if (entries.length > most) throw new RangeError(`at most ${most} pairs of metadata`);
  for (const [name, value] of entries) if (typeof value !== "string" || value.length > longest) throw new RangeError(`${name} must be text of at most ${longest} characters`);
  return Object.fromEntries(entries);
}

// One text, or none; throws a sentence.
export function short(given, name, longest) {
  if (given === undefined || given === null || given === "") return null;
  if (typeof given !== "string" || given.length > longest) throw new RangeError(`${name} must be text of at most ${longest} characters`);
  return given;
}
