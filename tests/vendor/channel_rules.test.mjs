// SPDX-License-Identifier: Apache-2.0
// docs/classification.md's rules written a second time, with regular expressions and Node's own URL
// parser, over thousands of combined tags, click ids and referrers; `throughline classify` must agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { commandLines } from "./command_lines.mjs";

const rows = (name) =>
  readFileSync(new URL(`../../shared/data/${name}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
const hosts = rows("hosts.tsv").map(([pattern, category]) => ({ pattern, category }));
const params = new Map(rows("params.tsv").map(([name, param, kind, flag]) => [name, { param, kind, isPaid: flag === "paid" }]));

const suffix = (host) => /\.(?:(?:co|com|org|net|gov|edu|ac|ne|or|go|gob|mil)\.[a-z]{2}|[a-z-]+)$/.exec(host)?.[0] ?? "";
const site = (host) => (/^[\d.]+$/.test(host) ? host : host.slice(0, -suffix(host).length || undefined).split(".").pop() + suffix(host));

function hostCategory(host) {
  const end = suffix(host);
  for (let level = host; level.length > end.length - 1 && level !== ""; level = level.split(".").slice(1).join(".")) {
    const stem = level.endsWith(end) ? level.slice(0, level.length - end.length) : null;
    const found = hosts.find(({ pattern }) => pattern === level) ?? hosts.find(({ pattern }) => stem && pattern === `${stem}.*`);
    if (found) return found.category;
  }
  return /^(?:mail|webmail[^.]*)\./.test(host) ? "email" : null;
}
const kCommon = /^(?:mail|email|search|shop|shopping|you|poe|chat|wish|ask|com)$/;
function sourceCategory(source) {
  if (source.includes(".")) return hostCategory(source);
  if (source === "" || kCommon.test(source)) return null;
  const named = ({ pattern }) => {
    const labels = pattern.split(".");
    return labels[0] === source && (labels.length === 1 || (labels.length === 2 && source.length > 2));
  };
  const order = ({ pattern }) => (pattern.endsWith(".*") ? 2 : pattern.includes(".") ? 1 : 0);
  return hosts.filter(named).sort((a, b) => order(a) - order(b))[0]?.category ?? null;
}

const isPlaceholder = (text) => /^(?:null|undefined|none|\(none\)|\(not set\)|\(direct\)|nan|\$?\{.*\}|\$?\[.*\])?$/i.test(text);
const kPaidMedium = /^(.*cp.*|ppc|retargeting|remarketing|sem|pla|paid.*|.*[-_ ]paid)$/;
const kShop = /^(.*(([^a-df-z]|^)shop|shopping).*)$/;
const kDisplay = /^(?:display|banner|expandable|interstitial|cpm|gdn|programmatic|native-display)$/;
const paidOf = { search: "paid_search", social: "paid_social", video: "paid_video", shopping: "paid_shopping", ad_exchange: "display", native: "paid_other" };
const organicOf = {
  search: "organic_search", social: "organic_social", video: "organic_video", shopping: "organic_shopping", email: "email",
  ai_assistant: "ai_assistant", ad_exchange: "display", native: "paid_other", affiliate: "affiliate",
};
const classOf = { ...paidOf, display: "display", other: "paid_other" };

function aliasCategory(source) {
  if (source === "adwords") return "search";
  if (!source.endsWith(".ads") && sourceCategory(source)) return null;
  const parts = /^(.*?)[-_ .]?ads?$/.exec(source);
  if (!parts) return null;
  const category = (name) => (name === "g" ? "search" : sourceCategory(name));
  return category(parts[1]) ?? category(/^(.*?)[-_ .]?feed$/.exec(parts[1])?.[1] ?? "");
}

function channelOf({ url, referrer }) {
  const page = new URL(url);
  const fields = {}, clicks = new Map();
  for (const name of params.keys()) {
    const pair = [...page.searchParams].find(([key]) => key.toLowerCase() === name);
    if (!pair) continue;
    const known = params.get(name);
    const isClick = known.kind !== "-" || ["srsltid", "fbclid", "igshid", "igsh", "epik"].includes(name);
    if (isClick && /^[\w.~%=+/*-]{1,512}$/.test(pair[1])) clicks.set(name, known);
    if (!isClick && !isPlaceholder(pair[1].trim())) fields[known.param] ??= pair[1].trim().toLowerCase();
  }
  const { source = "", medium = "", campaign = "" } = fields;
  let from = referrer === "" ? "" : new URL(referrer).host.toLowerCase().replace(/:\d+$/, "");
  const isTagged = source + medium + campaign !== "" || clicks.size > 0;
  if (from !== "" && (site(from) === site(page.hostname) || hostCategory(from) === "ignored")) {
    if (!isTagged) return "internal";
    from = "";
  }
  const byReferrer = from === "" ? null : referrer.startsWith("https://x.com/i/grok") ? "ai_assistant" : hostCategory(from);
  if (campaign.includes("cross-network") || /^(?:pmax|performance[-_]max|cross[-_]network)$/.test(medium)) return "cross_network";

  const has = (...names) => names.some((name) => clicks.has(name));
  const alias = aliasCategory(source);
  const bySource = alias ?? sourceCategory(source);
  const paidClick = [...clicks.values()].find(({ isPaid }) => isPaid);
  const isSocialClick = has("fbclid", "igshid", "igsh", "epik");
  if (kPaidMedium.test(medium) || alias || paidClick) {
    const isShop = kShop.test(campaign);
    if (paidOf[bySource]) return bySource === "search" && isShop ? "paid_shopping" : paidOf[bySource];
    if (isShop) return "paid_shopping";
    if (/social/.test(medium)) return "paid_social";
    if (/search|^sem$/.test(medium)) return "paid_search";
    if (/video/.test(medium)) return "paid_video";
    if (/shop|^pla$/.test(medium)) return "paid_shopping";
    if (kDisplay.test(medium) || /display|banner/.test(medium)) return "display";
    if (paidOf[byReferrer]) return paidOf[byReferrer];
    if (paidClick) return classOf[paidClick.kind];
    if (isSocialClick) return "paid_social";
    return campaign.includes("video") ? "paid_video" : "paid_other";
  }
  if (kDisplay.test(medium)) return "display";
  if (/e[-_ ]?mail|^(?:newsletter|crm|edm)$/.test(medium)) return "email";
  if (/^(?:sms|mms|text|text-message)$/.test(medium)) return "sms";
  if (/push$|notification/.test(medium)) return "push";
  if (/^(?:affiliates?|partners?|partnerships?)$/.test(medium)) return "affiliate";
  if (/^(?:audio|podcast|radio)$/.test(medium)) return "audio";
  if (/^(?:ai-assistant|ai_assistant|ai|llm)$/.test(medium)) return "ai_assistant";
  if (/^(?:social|social-network|social-media|sm|social network|social media|organic-social|organic_social|socialmedia)$/.test(medium)) return "organic_social";
  if (medium === "organic") return ["search", "social", "video", "shopping"].includes(bySource) ? organicOf[bySource] : "organic_search";
  if (/video/.test(medium)) return "organic_video";
  if (source === "sms") return "sms";
  if (source === "firebase") return "push";
  if (organicOf[bySource]) return organicOf[bySource];
  if (/e[-_ ]?mail|newsletter/.test(source)) return "email";
  if ([...clicks.values()].some(({ kind }) => kind === "affiliate")) return "affiliate";
  if ([...clicks.values()].some(({ kind }) => kind === "email")) return "email";
  if (kShop.test(campaign) && medium === "") return "organic_shopping";
  if (/^(?:referral|app|link)$/.test(medium)) return "referral";
  if (source + medium + campaign !== "") return (source === "" && organicOf[byReferrer]) || "unknown";
  if (organicOf[byReferrer]) return organicOf[byReferrer];
  if (isSocialClick) return "organic_social";
  if (has("srsltid")) return "organic_search";
  return from !== "" ? "referral" : "direct";
}

// A seeded generator (mulberry32): the same cases in every run.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const sources = [
  "", "", "google", "Bing", "fb", "ig", "facebook", "threads", "youtube", "yt-ads", "fb-ads", "facebook_feed_ad", "gads", "adwords", "amazon",
  "newsletter", "company e-mail", "gmail", "chatgpt.com", "perplexity", "taboola", "criteo", "awin1.com", "news.google.com", "paypal", "sms",
  "firebase", "agency", "l.facebook.com", "mail.firma.example", "(direct)", "{{site_source_name}}", "search", "x", "tiktokads", "google.ads", "linkedin", "reddit-ad",
];
const mediums = [
  "", "", "cpc", "CPM", "ppc", "paid", "paid_social", "social_paid", "unpaid", "paid-search", "sem", "pla", "retargeting", "cpc-banner", "paidvideo",
  "display", "native-display", "email", "e mail", "weekly-email", "crm", "sms", "text", "web-push", "mobile_notification", "mobile", "affiliate", "partners",
  "podcast", "llm", "ai", "social", "social media", "organic", "webvideo", "referral", "link", "pmax", "cross_network", "none", "(not set)", "odd", "shop-ads",
];
const campaigns = ["", "", "spring", "shop-sale", "workshop", "eshop", "teleshopping", "my-cross-network-1", "video-q1", "null"];
const clickIds = ["", "", "", ...params.keys()].filter((name) => !/^(?:utm|mtm|pk|piwik|matomo)_/.test(name));
const referrers = [
  "", "", "https://www.google.com/", "https://www.google.co.uk/search", "https://l.facebook.com/", "https://www.youtube.com/watch", "https://x.com/i/grok", "https://x.com/a",
  "https://chatgpt.com/", "https://mail.google.com/", "https://news.google.com/", "https://blog.example.net/post", "https://www.shop.example/", "https://shop.example/a",
  "https://checkout.stripe.com/c/pay", "https://www.paypal.com/", "https://accounts.google.com/", "https://googleads.g.doubleclick.net/", "https://trc.taboola.com/",
  "https://www.awin1.com/", "https://webmail.firma.example/", "https://notgoogle.com/", "https://google.com.evil.example/", "https://www.amazon.de/", "https://www.perplexity.ai/",
  "https://out.reddit.com/", "https://uk.search.yahoo.com/", "https://192.168.1.20/", "https://docs.google.com/",
];

test("the rules, written twice, give one channel", () => {
  const random = generator(20261125);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const cases = Array.from({ length: 20000 }, (_, index) => {
    const query = new URLSearchParams();
    if (index % 10 === 0) return { url: "https://shop.example/", referrer: pick(referrers) };
    for (const [name, value] of [["utm_source", pick(sources)], ["utm_medium", pick(mediums)], ["utm_campaign", pick(campaigns)]])
      if (value !== "") query.append(name, value);
    for (const name of [pick(clickIds), pick(clickIds)]) if (name !== "") query.append(name, "Abc1");
    return { url: `https://shop.example/?${query}`, referrer: pick(referrers) };
  });
  const seen = new Set();
  commandLines("classify", cases.map((entry) => JSON.stringify(entry))).forEach(({ channel }, index) => {
    seen.add(channel);
    assert.equal(channel, channelOf(cases[index]), JSON.stringify(cases[index]));
  });
  assert.equal(seen.size, 21, [...seen].join(" "));
});

test("every entry of the source list is found under its category", () => {
  const entries = hosts.filter(({ pattern }) => pattern.includes("."));
  const hostOf = (pattern) => (/^[\d.]+$/.test(pattern) ? pattern : `www.${pattern.replace(".*", ".cz")}`);
  const lines = entries.map(({ pattern }) => JSON.stringify({ url: "https://shop.example/", referrer: `https://${hostOf(pattern)}/` }));
  commandLines("classify", lines).forEach(({ channel }, index) => {
    const { pattern, category } = entries[index];
    assert.equal(channel, ["ignored", "payment"].includes(category) ? "internal" : (organicOf[category] ?? "referral"), pattern);
  });
});

test("a bad line gets an error in its place", () => {
  const answers = commandLines("classify", ["{", "[]", '{"url":5}', "", '{"url":"https://shop.example/?gclid=x"}']);
  assert.deepEqual(answers.map(({ error, channel }) => error?.code ?? channel), [...Array(4).fill("malformed_line"), "paid_search"]);
});

test("no page and no referrer is unknown, not direct", () => {
  const answers = commandLines("classify", ["{}", '{"url":"","referrer":null}', '{"referrer":"https://www.google.com/"}', '{"url":"nonsense"}']);
  assert.deepEqual(answers.map(({ channel }) => channel), ["unknown", "unknown", "organic_search", "unknown"]);
});

test("an answer does not depend on the lines before it", () => {
  const lines = ["{}", '{"url":"https://shop.example/"}', '{"url":"https://shop.example/","referrer":"https://shop.example/x"}', '{"referrer":"https://x.com/i/grok"}',
    '{"referrer":"https://x.com/a"}', '{"url":"https://shop.example/?gclid=a"}', '{"url":"https://shop.example/?fbclid=a"}'];
  const channels = (list) => commandLines("classify", list).map(({ channel }) => channel);
  const expected = ["unknown", "direct", "internal", "ai_assistant", "organic_social", "paid_search", "organic_social"];
  assert.deepEqual(channels(lines), expected);
  assert.deepEqual(channels([...lines].reverse()), [...expected].reverse());
});

test("sub-domains are no referrers, neighbours under one suffix are", () => {
  const cases = [
    ["https://shop.example.plc.uk/", "https://www.other.plc.uk/", "referral"],
    ["https://shop.example.plc.uk/", "https://www.example.plc.uk/", "internal"],
    ["https://a.github.io/", "https://b.github.io/x", "referral"],
    ["https://a.github.io/", "https://www.a.github.io/x", "internal"],
    ["https://one.myshopify.com/", "https://two.myshopify.com/", "referral"],
    ["https://bücher.example/", "https://www.xn--bcher-kva.example/x", "internal"],
    ["http://192.168.1.20:8080/", "http://192.168.1.20/", "internal"],
    ["http://192.168.1.20/", "http://192.168.1.21/", "referral"],
    ["https://intranet/", "https://intranet/x", "internal"],
    ["https://intranet/", "https://wiki/x", "referral"],
  ];
  const lines = cases.map(([url, referrer]) => JSON.stringify({ url, referrer, site_hosts: [] }));
  lines.push(JSON.stringify({ url: "https://shop.example/", referrer: "https://blog.film.example/", site_hosts: ["www.film.example"] }));
  const answers = commandLines("classify", lines);
  assert.deepEqual(answers.map(({ channel }) => channel), [...cases.map(([, , channel]) => channel), "internal"]);
  assert.equal(answers[1].referrer_domain, "");
});
