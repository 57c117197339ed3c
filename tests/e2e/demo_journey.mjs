// SPDX-License-Identifier: Apache-2.0
// One whole journey on the running demo, for tools/demo --check: from an ad to a delivered conversion,
// told as a timeline, every step checked. Exit 0 only if all of them hold.
//   THROUGHLINE_KEY=… node demo_journey.mjs --server URL --site URL --sandbox URL
import { parseArgs } from "node:util";
import { connect, until } from "./report_client.mjs";
import { AD, launchBrowser, newVisitor } from "./visitor.mjs";

const text = { type: "string" };
const { values: places } = parseArgs({ options: { server: text, site: text, sandbox: text } });
const reports = connect(places.server, process.env.THROUGHLINE_KEY);
const sandboxState = async () => (await fetch(`${places.sandbox}/received.json`)).json();

const BOLD = process.stdout.isTTY ? ["\u001b[1m", "\u001b[0m"] : ["", ""];
const failures = [];
const chapter = (title) => console.log(`\n${BOLD[0]}${title}${BOLD[1]}`);
const tell = (what, detail = "") => console.log(`  ${what.padEnd(22)} ${detail}`);
function check(holds, sentence, got) {
  console.log(`  ${holds ? "ok  " : "FAIL"}  ${sentence}${holds || got === undefined ? "" : `\n        got ${JSON.stringify(got)}`}`);
  if (!holds) failures.push(sentence);
}
const clock = (ms) => new Date(ms).toISOString().slice(11, 23);
const describe = (touch) => (touch ? [touch.channel, touch.source, touch.campaign].filter(Boolean).join(" / ") : "none");
const money = (minor, currency) => `${(minor / 100).toFixed(2)} ${currency}`;

async function walk(visitor) {
  await visitor.open(`/${AD}`);
  const before = { ...(await visitor.ids()), device: await visitor.device(), sent: visitor.sent.length };
  await visitor.accept();
  const ids = await visitor.ids();
  await visitor.flush();
  await visitor.readOn();
  await visitor.page.click("text=Watch the opening");
  await visitor.page.waitForURL(/\/watch\//);
  await visitor.watchFilm();
  await visitor.page.click("text=Choose what you keep lit");
  await visitor.page.waitForURL(/#keep/);
  await visitor.page.click("[data-campaign=keep-the-lamp]");
  await visitor.page.waitForURL(/\/donate\//);
  await visitor.page.waitForFunction(() => typeof window.Throughline?.getSessionId === "function");
  const atDonation = await visitor.ids();
  const checkoutId = await visitor.donate({ email: "keeper@example.org" });
  await visitor.pay();
  const reference = await visitor.reference();
  await visitor.flush();
  return { before, ids, atDonation, checkoutId, reference };
}

const browser = await launchBrowser();
try {
  const visitor = await newVisitor(browser, places);
  const told = await walk(visitor);

  chapter("Consent");
  check(told.before.sessionId === null && told.before.anonymousId === null, "before the choice there is no id");
  check(Object.keys(told.before.device.local).length === 0 && told.before.device.cookies.length === 0 && told.before.sent === 0, "before the choice nothing is stored and nothing is sent", told.before);
  check(told.ids.sessionId !== null, "after it there is one session", told.ids);
  check(visitor.errors.length === 0, "no script error on any page", visitor.errors);

  const conversion = (await until(async () => {
    const list = await reports.conversions();
    return list.length > 0 && list;
  }, "the conversion"))[0];
  const detail = await reports.conversion(conversion.id);

  chapter("Touches");
  const sessionIds = [...new Set([told.ids.sessionId, told.atDonation.sessionId])];
  const sessions = await until(async () => {
    const found = await Promise.all(sessionIds.map((id) => reports.session(id).catch(() => null)));
    return found.every(Boolean) && found;
  }, "the sessions");
  for (const session of sessions) for (const touch of session.touches) tell(clock(touch.t), `${describe(touch)}  ${touch.landing_path ?? ""}`);
  check(conversion.first_touch?.channel === "paid_search" && conversion.first_touch?.campaign === "spring-premiere", "the first touch is the ad", conversion.first_touch);
  check(conversion.last_touch?.campaign === "keep-the-lamp", "the last touch is the campaign card", conversion.last_touch);
  const touches = sessions.flatMap((session) => session.touches);
  check(touches.length === 2, "the return from the payment page is no touch", touches);

  chapter("Events");
  const events = sessions.flatMap((session) => session.events).sort((a, b) => a.t - b.t);
  for (const event of events) tell(clock(event.t), [event.name, event.props?.percent && `${event.props.percent} %`, event.props?.form_id].filter(Boolean).join(" "));
  const count = (name) => events.filter((event) => event.name === name).length;
  check(count("page_view") === 5, "five pages, five page views", count("page_view"));
  check(count("content_view") === 1, "the film was started once", count("content_view"));
  check(events.filter((e) => e.name === "video_progress").map((e) => e.props?.percent).join() === "25,50,75,95", "and watched to the end");
  const marks = events.filter((e) => e.name === "scroll_depth").map((e) => e.props?.percent);
  check(marks.slice(0, 4).join() === "25,50,75,90", "the first page was read to its end", marks);
  check(events.filter((e) => e.name === "form_submit").map((e) => JSON.stringify(e.props)).join() === '{"form_id":"donate-form"}', "the donation form was sent, and nothing of what stands in it told");
  check(count("checkout_started") === 1, "one checkout was started", count("checkout_started"));

  chapter("Checkout and webhooks");
  const state = await until(async () => {
    const now = await sandboxState();
    return now.stripe.is_idle && now.stripe.attempts.length >= 6 && now;
  }, "all webhooks");
  const payment = state.stripe.payments.find(({ session }) => session.id === told.checkoutId);
  tell("Stripe session", `${money(payment.session.amount_total, "EUR")}, metadata ${Object.keys(payment.session.metadata).join(", ")}`);
  for (const attempt of state.stripe.attempts) tell(clock(attempt.at), `${attempt.type} copy ${attempt.copy} → ${attempt.status} ${attempt.answer.replace(/\s+/g, " ").slice(0, 90)}`);
  check(payment.session.metadata.session_id === told.atDonation.sessionId && payment.session.metadata.anonymous_id === told.atDonation.anonymousId, "the ids travelled in the metadata", payment.session.metadata);
  check(payment.intent.metadata.session_id === told.atDonation.sessionId, "and in the payment intent's", payment.intent.metadata);
  check(state.stripe.attempts.every((attempt) => attempt.status === 200), "every webhook was answered 200", state.stripe.attempts.map((a) => a.status));

  chapter("Conversion");
  tell(conversion.order_id, `${money(conversion.amount_minor, conversion.currency)}, matched by ${conversion.match_type}, ${conversion.touches} touches`);
  const all = await reports.conversions();
  check(all.length === 1 && conversion.amount_minor === 2500, `${state.stripe.attempts.length} webhooks are one order of 25.00 EUR`, all);
  check(conversion.match_type === "session", "matched by its session", conversion.match_type);
  check(conversion.status === "paid", "paid", conversion.status);
  const models = Object.entries(detail.credits ?? {});
  for (const [model, credits] of models) tell(model, credits.map((credit) => `${credit.channel} ${money(Number(credit.value_minor), conversion.currency)}`).join(" + "));
  check(models.length >= 6, "credits of all rule-based models", models.map(([name]) => name));
  check(models.every(([, credits]) => credits.reduce((sum, credit) => sum + Number(credit.value_minor), 0) === 2500), "each model's credits add up to the order");
  const shareOf = (model) => (detail.credits?.[model] ?? []).filter((credit) => credit.channel === "paid_search").reduce((sum, credit) => sum + Number(credit.value_minor), 0);
  check(shareOf("first_touch") === 2500, "the first-touch model credits the ad alone", detail.credits?.first_touch);
  check(shareOf("linear") === 1250, "the linear model credits it with one half", detail.credits?.linear);

  chapter("Deliveries");
  const deliveries = await until(async () => {
    const list = await reports.deliveries();
    return list.length > 0 && list.every((d) => !["queued", "sending", "accepted"].includes(d.state)) && list;
  }, "the deliveries", 30_000);
  for (const delivery of deliveries) tell(`${delivery.destination} ${delivery.event_name}`, `${delivery.state} after ${delivery.attempts}, ${delivery.event_id}`);
  const arrived = await sandboxState();
  const purchases = { meta: arrived.meta.accepted.filter((r) => r.event.event_name === "Purchase"), posthog: arrived.posthog.accepted.filter((r) => r.event.event === "purchase") };
  check(deliveries.every((d) => d.state === "delivered"), "all delivered", deliveries.filter((d) => d.state !== "delivered"));
  check(purchases.meta.length === 1 && purchases.meta[0].event.event_id === told.reference, "Meta counted one Purchase, with the thank-you page's event id", purchases.meta.map((r) => r.event.event_id));
  check(purchases.meta[0]?.event.custom_data.value === 25 && purchases.meta[0]?.event.custom_data.currency === "EUR", "of 25 EUR");
  check(purchases.posthog.length === 1 && purchases.posthog[0].event.uuid === told.reference, "PostHog counted one purchase, with the same id", purchases.posthog.map((r) => r.event.uuid));
  const ids = (records, name, key) => new Set(records.filter((r) => (r.event.event_name ?? r.event.event) === name).map((r) => r.event[key])).size;
  check(ids(arrived.meta.accepted, "InitiateCheckout", "event_id") === 1 && ids(arrived.posthog.accepted, "checkout_started", "uuid") === 1, "both were told of the checkout once");
  check(ids(arrived.meta.accepted, "PageView", "event_id") === 5 && ids(arrived.posthog.accepted, "$pageview", "uuid") === 5, "both counted five page views");
  const warnings = [...arrived.meta.accepted, ...arrived.posthog.accepted].flatMap((r) => r.warnings);
  check(warnings.length === 0 && arrived.meta.refused.length === 0 && arrived.posthog.refused.length === 0, "nothing was refused or flagged", [...warnings, ...arrived.meta.refused, ...arrived.posthog.refused]);
} catch (error) {
  check(false, error.message);
} finally {
  await browser.close();
}
console.log(failures.length === 0 ? "\nThe line holds." : `\n${failures.length} step(s) failed.`);
process.exitCode = failures.length === 0 ? 0 : 1;
