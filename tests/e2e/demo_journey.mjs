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

function tellConsent({ before, ids }, errors) {
  chapter("Consent");
  const { device, sent } = before;
  check(before.sessionId === null && before.anonymousId === null, "before the choice there is no id");
  const isUntouched = Object.keys(device.local).length === 0 && device.cookies.length === 0 && sent === 0;
  check(isUntouched, "before the choice nothing is stored and nothing is sent", before);
  check(ids.sessionId !== null, "after it there is one session", ids);
  check(errors.length === 0, "no script error on any page", errors);
}

function tellTouches(sessions, conversion) {
  chapter("Touches");
  const touches = sessions.flatMap((session) => session.touches);
  for (const touch of touches) tell(clock(touch.t), `${describe(touch)}  ${touch.landing_path ?? ""}`);
  const { first_touch: first, last_touch: last } = conversion;
  check(first?.channel === "paid_search" && first?.campaign === "spring-premiere", "the first touch is the ad", first);
  check(last?.campaign === "keep-the-lamp", "the last touch is the campaign card", last);
  check(touches.length === 2, "the return from the payment page is no touch", touches);
}

function tellEvents(sessions) {
  chapter("Events");
  const events = sessions.flatMap((session) => session.events).sort((a, b) => a.t - b.t);
  for (const { t, name, props } of events) {
    tell(clock(t), [name, props?.percent && `${props.percent} %`, props?.form_id].filter(Boolean).join(" "));
  }
  const propsOf = (name) => events.filter((event) => event.name === name).map((event) => event.props);
  const percents = (name) => propsOf(name).map((props) => props?.percent);
  const count = (name) => propsOf(name).length;
  check(count("page_view") === 5, "five pages, five page views", count("page_view"));
  check(count("content_view") === 1, "the film was started once", count("content_view"));
  check(percents("video_progress").join() === "25,50,75,95", "and watched to the end", percents("video_progress"));
  const marks = percents("scroll_depth");
  check(marks.slice(0, 4).join() === "25,50,75,90", "the first page was read to its end", marks);
  const forms = propsOf("form_submit");
  check(JSON.stringify(forms) === '[{"form_id":"donate-form"}]', "the donation form was sent, and nothing of what stands in it told", forms);
  check(count("checkout_started") === 1, "one checkout was started", count("checkout_started"));
}

function tellWebhooks({ payments, attempts }, { checkoutId, atDonation }) {
  chapter("Checkout and webhooks");
  const { session, intent } = payments.find((payment) => payment.session.id === checkoutId);
  const { metadata } = session;
  tell("Stripe session", `${money(session.amount_total, "EUR")}, metadata ${Object.keys(metadata).join(", ")}`);
  for (const { at, type, copy, status, answer } of attempts) {
    tell(clock(at), `${type} copy ${copy} → ${status} ${answer.replace(/\s+/g, " ").slice(0, 90)}`);
  }
  const { sessionId, anonymousId } = atDonation;
  check(metadata.session_id === sessionId && metadata.anonymous_id === anonymousId, "the ids travelled in the metadata", metadata);
  check(intent.metadata.session_id === sessionId, "and in the payment intent's", intent.metadata);
  const statuses = attempts.map((attempt) => attempt.status);
  check(statuses.every((status) => status === 200), "every webhook was answered 200", statuses);
}

function tellConversion(conversions, { credits: byModel = {} }, webhooks) {
  chapter("Conversion");
  const [{ order_id, amount_minor, currency, match_type, touches, status }] = conversions;
  tell(order_id, `${money(amount_minor, currency)}, matched by ${match_type}, ${touches} touches`);
  check(conversions.length === 1 && amount_minor === 2500, `${webhooks} webhooks are one order of 25.00 EUR`, conversions);
  check(match_type === "session", "matched by its session", match_type);
  check(status === "paid", "paid", status);

  const models = Object.entries(byModel);
  for (const [model, credits] of models) {
    tell(model, credits.map((credit) => `${credit.channel} ${money(Number(credit.value_minor), currency)}`).join(" + "));
  }
  const sum = (credits) => credits.reduce((total, credit) => total + Number(credit.value_minor), 0);
  const ofAd = (model) => sum((byModel[model] ?? []).filter((credit) => credit.channel === "paid_search"));
  check(models.length >= 6, "credits of all rule-based models", models.map(([name]) => name));
  check(models.every(([, credits]) => sum(credits) === 2500), "each model's credits add up to the order", byModel);
  check(ofAd("first_touch") === 2500, "the first-touch model credits the ad alone", byModel.first_touch);
  check(ofAd("linear") === 1250, "the linear model credits it with one half", byModel.linear);
}

function tellDeliveries(deliveries, { meta, posthog }, reference) {
  chapter("Deliveries");
  for (const { destination, event_name, state, attempts, event_id } of deliveries) {
    tell(`${destination} ${event_name}`, `${state} after ${attempts}, ${event_id}`);
  }
  const isAtOnce = ({ state, attempts }) => state === "delivered" && attempts === 1;
  check(deliveries.every(isAtOnce), "all delivered by the first attempt", deliveries.filter((one) => !isAtOnce(one)));

  const toMeta = (name) => meta.accepted.map(({ event }) => event).filter((event) => event.event_name === name);
  const toPosthog = (name) => posthog.accepted.map(({ event }) => event).filter((event) => event.event === name);
  const count = (events, others) => [events.length, others.length].join();
  const purchases = [toMeta("Purchase"), toPosthog("purchase")];
  const [[ofMeta], [ofPosthog]] = purchases;
  check(count(...purchases) === "1,1", "Meta and PostHog got one purchase each", purchases);
  check(ofMeta?.event_id === reference && ofPosthog?.uuid === reference, "with the thank-you page's event id", [ofMeta, ofPosthog]);
  check(ofMeta?.custom_data.value === 25 && ofMeta?.custom_data.currency === "EUR", "of 25 EUR", ofMeta?.custom_data);
  const checkouts = count(toMeta("InitiateCheckout"), toPosthog("checkout_started"));
  check(checkouts === "1,1", "both were told of the checkout once", checkouts);
  const views = count(toMeta("PageView"), toPosthog("$pageview"));
  check(views === "5,5", "and of five page views", views);

  const repeats = [...meta.duplicates, ...posthog.duplicates];
  check(repeats.length === 0, "nothing was told twice", repeats);
  const warnings = [...meta.accepted, ...posthog.accepted].flatMap((record) => record.warnings);
  const complaints = [...warnings, ...meta.refused, ...posthog.refused];
  check(complaints.length === 0, "nothing was refused or flagged", complaints);
}

async function play(visitor) {
  const walked = await walk(visitor);
  tellConsent(walked, visitor.errors);

  const conversions = await until(async () => {
    const list = await reports.conversions();
    return list.length > 0 && list;
  }, "the conversion");
  const sessionIds = [...new Set([walked.ids.sessionId, walked.atDonation.sessionId])];
  const sessions = await until(async () => {
    const found = await Promise.all(sessionIds.map((id) => reports.session(id).catch(() => null)));
    return found.every(Boolean) && found;
  }, "the sessions");
  tellTouches(sessions, conversions[0]);
  tellEvents(sessions);

  const { stripe } = await until(async () => {
    const now = await sandboxState();
    return now.stripe.is_idle && now.stripe.attempts.length >= 6 && now;
  }, "all webhooks");
  tellWebhooks(stripe, walked);
  tellConversion(await reports.conversions(), await reports.conversion(conversions[0].id), stripe.attempts.length);

  const deliveries = await until(async () => {
    const list = await reports.deliveries();
    return list.length > 0 && list.every((one) => !["queued", "sending", "accepted"].includes(one.state)) && list;
  }, "the deliveries", 30_000);
  tellDeliveries(deliveries, await sandboxState(), walked.reference);
}

const browser = await launchBrowser();
try {
  await play(await newVisitor(browser, places));
} catch (error) {
  check(false, error.message);
} finally {
  await browser.close();
}
console.log(failures.length === 0 ? "\nThe line holds." : `\n${failures.length} step(s) failed.`);
process.exitCode = failures.length === 0 ? 0 : 1;
