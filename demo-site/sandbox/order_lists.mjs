// SPDX-License-Identifier: Apache-2.0
// What the lists of many providers' APIs (`api` in providers/*.mjs) share: answers, refusals, pages by
// number, offset or cursor, and the sales in the order in which the vendor lists them.
import { salesOf } from "./provider_wire.mjs";

export const told = (body, status = 200) => ({ status, type: "application/json", text: JSON.stringify(body) });

// Every sale that was paid.
export const paidSales = (payments, { isNewestFirst = false } = {}) => {
  const sales = salesOf(payments).filter(({ charge }) => !charge.isDeclined).sort((a, b) => a.charge.at - b.charge.at || a.charge.number - b.charge.number);
  return isNewestFirst ? sales.reverse() : sales;
};
// When anything happened to it last.
export const changedAt = ({ charge }) => Math.max(charge.at, charge.dispute?.at ?? 0, ...charge.refunds.map(({ at }) => at));
export const refundsOf = (sales) => sales.flatMap((sale) => sale.charge.refunds.map((refund) => ({ ...sale, refund })));
export const disputesOf = (sales) => sales.filter(({ charge }) => charge.dispute).map((sale) => ({ ...sale, dispute: sale.charge.dispute }));

// `most` items from the `first` on, and how many were before the next page; null: there is none.
export function page(items, first, most) {
  const next = first + most;
  return { items: items.slice(first, next), next: next < items.length ? next : null };
}

// A cursor that says nothing to those who are given it; null where it is none of this list's.
export const cursorOf = (list, next) => Buffer.from(`${list} ${next}`).toString("base64url");
export function cursorAt(list, cursor) {
  const [name, next] = Buffer.from(cursor ?? "", "base64url").toString().split(" ");
  return name === list && /^\d+$/.test(next) ? Number(next) : null;
}
