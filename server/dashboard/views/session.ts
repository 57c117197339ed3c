// SPDX-License-Identifier: Apache-2.0
// One session from landing to payment: touches, events, orders and what was sent on, in one line.

import { get } from "../api.ts";
import { card, chip, destinationName, fillIn, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { duration, money, NONE, readable, time, word } from "../format.ts";
import { journey, touchKnot, type Knot, type Touch } from "../journey.ts";
import type { Conversion } from "./conversions.ts";
import { personCard, type Person } from "./person.ts";
import type { Session } from "./sessions.ts";

interface Event {
  id: string;
  name: string;
  t: number;
  url: string;
  title: string;
  props: Record<string, unknown> | null;
  why: string;
  verdict: string;
  mismatch?: string;
  bot: boolean;
}
interface Details extends Session {
  touches: Touch[];
  events: Event[];
  orders: Conversion[];
  deliveries: Delivery[];
}
interface Delivery {
  destination: string;
  event_name: string;
  state: string;
  last_error: string;
}

const pathOf = (url: string): string => {
  try {
    return new URL(url).pathname;
  } catch {
    return url;
  }
};

function knots(details: Details, context: Context): Knot[] {
  const touches: Knot[] = details.touches.map(touchKnot);
  const events: Knot[] = details.events.map((event) => {
    const properties = Object.entries(event.props ?? {}).slice(0, 4).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ");
    return { at: event.t, what: word(event.name), detail: [event.url ? readable(pathOf(event.url)) : "", properties].filter(Boolean).join("  ·  "), side: h("span", {}, chip(event.verdict), event.mismatch ? ` ${event.mismatch}` : ""), className: "minor" };
  });
  const orders: Knot[] = details.orders.map((order) => ({ at: order.occurred_at, what: h("a", { href: order.id ? context.link("conversions", order.id) : "#" }, order.kind === "purchase" ? `Paid ${money(order.amount_minor, order.currency)}` : word(order.kind)), detail: order.order_id, side: chip(order.status), className: "end" }));
  const at = (knot: Knot): number => new Date(knot.at).getTime();
  return [...touches, ...events, ...orders].sort((a, b) => at(a) - at(b));
}

// Each event once, with all to whom it went alike; a page seen twice counts twice.
function sentOn(deliveries: Delivery[], context: Context): HTMLElement {
  const alike = new Map<string, { first: Delivery; to: Map<string, number> }>();
  for (const delivery of deliveries) {
    const key = `${delivery.event_name}|${delivery.state}|${delivery.last_error}`, name = destinationName(context, delivery.destination);
    const { to } = alike.get(key) ?? alike.set(key, { first: delivery, to: new Map() }).get(key)!;
    to.set(name, (to.get(name) ?? 0) + 1);
  }
  return card("Sent on", null, h("ul", { class: "checks" }, ...[...alike.values()].map(({ first, to }) => {
    const names = [...to].map(([name, times]) => (times > 1 ? `${name} (${times})` : name)).join(", ");
    return h("li", {}, h("span"), h("div", {}, chip(first.state), ` ${word(first.event_name)} to ${names}`, first.last_error ? h("div", { class: "small quiet" }, first.last_error) : null));
  })));
}

export function session(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "stack" });
  const zone = context.site.timezone;
  replace(root, h("nav", { "aria-label": "Where you are" }, h("ol", { class: "crumbs" }, h("li", {}, h("a", { href: context.link("sessions") }, "Sessions")), h("li", { "aria-current": "location" }, "One session"))), body);
  const fact = (name: string, value: Child): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const load = (): void => void fillIn(body, context, async () => {
    const details = await get<Details>(`/api/sessions/${encodeURIComponent(context.state.id)}`, { site: context.site.id }, context.signal);
    const person = h("div");
    void get<{ person: Person }>(`/api/visitors/${encodeURIComponent(details.anonymous_id)}`, { site: context.site.id }, context.signal).then((visitor) => replace(person, personCard(context, visitor.person, load)), () => undefined);
    return [
      h("header", { class: "title" }, h("h1", {}, `Session of ${time(details.started_at, zone)}`)),
      h("section", { class: "card" }, h("dl", { class: "facts" }, fact("Duration", duration(details.duration_s)), fact("State", details.ended_at ? `Ended: ${word(details.end_reason).toLowerCase()}` : "Open"), fact("Pages", String(details.page_views)), fact("Device", [details.device, details.browser, details.os].filter(Boolean).map(word).join(", ") || NONE), fact("Country", details.country || NONE),
        fact("Value", details.converted ? money(details.conversion_value_minor, details.currency || context.site.currency) : NONE), fact("Visitor", h("span", { class: "mono small" }, details.anonymous_id)))),
      card("From landing to payment", "times in the site's zone", journey(knots(details, context), zone, "Touches, events and orders in order")),
      details.deliveries.length > 0 ? sentOn(details.deliveries, context) : null,
      person,
    ];
  });
  load();
}
