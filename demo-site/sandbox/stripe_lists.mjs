// SPDX-License-Identifier: Apache-2.0
// The lists of Stripe's API: newest first, `limit` of them after an id, those of a time or with a member's
// value alone, and what an object only names in its place where `expand` asks for it. Source: Stripe API
// reference, "Pagination", "Expanding responses" and each object's list.
import { invalid, unknownParam } from "./stripe_errors.mjs";

// Every payment that was made, with what Stripe embeds where it is asked to.
const paid = (ledger) => ledger.payments().filter(({ charge }) => charge).reverse();
const LISTS = {
  "checkout/sessions": (ledger) => ledger.payments().filter(({ id, session }) => id === session.id).reverse()
    .map(({ session, intent }) => ({ item: session, embedded: { payment_intent: session.payment_intent && intent } })),
  invoices: (ledger) => paid(ledger).filter(({ invoice }) => invoice)
    .map(({ invoice, invoicePayment }) => ({ item: invoice, embedded: { payments: { object: "list", data: [invoicePayment], has_more: false, url: `/v1/invoice_payments?invoice=${invoice.id}` } } })),
  payment_intents: (ledger) => ledger.payments().filter(({ intent }) => intent).reverse().map(({ intent }) => ({ item: intent })),
  refunds: (ledger) => ledger.payments().flatMap(({ refunds }) => [...refunds].reverse()).reverse().map((item) => ({ item })),
  disputes: (ledger) => paid(ledger).filter(({ dispute }) => dispute).map(({ dispute }) => ({ item: dispute })),
  events: (ledger) => ledger.events().map((item) => ({ item })),
};
const FILTERS = ["status", "type"];

// Oldest first; undefined: the path is none of a list.
export function listOf(path, ledger) {
  const name = path.match(/^\/v1\/(.+)$/)?.[1];
  return Object.hasOwn(LISTS, name ?? "") ? LISTS[name](ledger) : undefined;
}

// most: of a page, whatever it asks.
export function listPage(list, path, query, most) {
  const wanted = { expand: [] };
  for (const [name, value] of query) {
    if (name === "expand[]") wanted.expand.push(value.replace(/^data\./, ""));
    else if (FILTERS.includes(name) || ["limit", "starting_after", "created[gte]"].includes(name)) wanted[name] = value;
    else throw unknownParam(name);
  }
  const limit = Number(wanted.limit ?? 10);
  if (!(limit >= 1 && limit <= 100)) throw invalid("This value must be from 1 to 100.", "parameter_invalid_integer", "limit");
  const newestFirst = [...list].reverse().filter(({ item }) => item.created >= Number(wanted["created[gte]"] ?? 0) && FILTERS.every((name) => !wanted[name] || item[name] === wanted[name]));
  const after = wanted.starting_after;
  const start = after ? newestFirst.findIndex(({ item }) => item.id === after) + 1 : 0;
  if (after && start === 0) throw invalid(`No such object: '${after}'`, "resource_missing", "starting_after");
  const end = start + Math.min(limit, most ?? limit);
  const data = newestFirst.slice(start, end).map(({ item, embedded }) => ({ ...item, ...Object.fromEntries(wanted.expand.map((name) => [name, embedded?.[name] ?? item[name]])) }));
  return { object: "list", data, has_more: end < newestFirst.length, url: path };
}
