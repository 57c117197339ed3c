// SPDX-License-Identifier: Apache-2.0
// A visitor with a browser of their own: the words in which the journeys are written. Every visitor has
// a fresh profile; tabs of one visitor share it. Whatever the browser asks for is remembered.
import { chromium } from "playwright-core";
import { until } from "./report_client.mjs";

// Chromium's engine without its window costs half the processor time, but calls itself headless and would
// rightly be taken for a robot. So it takes the name of the whole browser, and blank client hints with it:
// as flags, because a context's own user agent does not reach the beacons of a page that is going away.
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const FLAGS = [
  `--user-agent=${USER_AGENT}`, "--enable-features=UACHOverrideBlank", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];

export const AD = "?utm_source=google&utm_medium=cpc&utm_campaign=spring-premiere&gclid=Cj0KCQiA-demo";

export async function launchBrowser() {
  return chromium.launch({ executablePath: process.env.TL_CHROMIUM ?? "/usr/bin/chromium-headless-shell", args: FLAGS });
}

export async function newVisitor(browser, { site, server }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(10_000);
  const requests = [];  // all that the browser asked for, of whomever: {origin, path, query, method, headers (a promise), body}
  const errors = [];
  context.on("request", (request) => {
    const { origin, pathname: path, search: query } = new URL(request.url());
    requests.push({ origin, path, query, method: request.method(), headers: request.allHeaders().catch(() => request.headers()), body: request.postData() ?? "" });
  });
  context.on("page", (page) => page.on("pageerror", (error) => errors.push(error.message)));
  const page = await context.newPage();
  return visitorOn({ context, page, requests, errors, site, server });
}

// One who came by the ad and accepted.
export async function newVisitorOfAd(browser, stage) {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  await visitor.accept();
  return visitor;
}

function visitorOn({ context, page, requests, errors, site, server }) {
  const call = (name, ...args) => page.evaluate(([n, a]) => window.Throughline[n]?.(...a) ?? null, [name, args]);
  const isReady = () => page.waitForFunction(() => typeof window.Throughline?.getSessionId === "function");

  return {
    context, page, requests, errors, call,
    // Those to the server's API.
    get sent() {
      return requests.filter(({ origin, path }) => origin === server && path.startsWith("/api/"));
    },
    events() {
      return this.sent.filter((r) => r.path === "/api/events" && r.body !== "").flatMap((r) => JSON.parse(r.body).e);
    },
    async open(path = "/", options) {
      await page.goto(site + path, { waitUntil: "load", ...options });
      await isReady();
    },
    async openTab(path = "/") {
      const tab = visitorOn({ context, page: await context.newPage(), requests, errors, site, server });
      await tab.open(path);
      return tab;
    },
    async reload() {
      await page.reload({ waitUntil: "load" });
      await isReady();
    },
    accept: () => page.click("[data-consent-accept]"),
    refuse: () => page.click("[data-consent-refuse]"),
    hasBanner: () => page.locator(".consent").isVisible(),
    ids: () => page.evaluate(() => ({ anonymousId: window.Throughline.getAnonymousId(), sessionId: window.Throughline.getSessionId() })),
    flush: () => page.evaluate(() => window.Throughline.flush()),
    // Everything on the device that a page could have written.
    device: async () => ({
      cookies: await context.cookies(),
      ...(await page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage } }))),
    }),
    // Scrolls to the end of the page, until that is told.
    async readOn() {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await until(() => this.events().some(({ n, p }) => n === "scroll_depth" && p.percent === 90), "the end of the page");
    },
    // Plays the film at eight times its speed; resolves at its end.
    async watchFilm() {
      await page.evaluate(() => new Promise((resolve, reject) => {
        const video = document.querySelector("video");
        video.muted = true;
        video.playbackRate = 8;
        video.addEventListener("ended", resolve);
        video.addEventListener("error", () => reject(new Error("the film does not play")));
        video.play().catch(reject);
      }));
    },
    async donate({ amount, email } = {}) {
      if (amount !== undefined) await page.fill("#own-amount", String(amount));
      if (email !== undefined) await page.fill("#email", email);
      await Promise.all([page.waitForURL(/\/c\/pay\//), page.click("#donate-form button[type=submit]")]);
      return page.url().split("/").pop();
    },
    async pay({ email = "keeper@example.org", name = "Sea Keeper" } = {}) {
      await page.fill("input[name=email]", email);
      await page.fill("input[name=name]", name);
      // Nobody types faster; and Stripe's times are whole seconds, cut off, so a payment in the second of
      // its touch would seem to come before it.
      await page.waitForTimeout(1100);
      await Promise.all([page.waitForURL(/\/thanks\//), page.click("button.primary")]);
      await isReady();
    },
    async reference() {
      await page.waitForSelector("#order-reference:not([hidden])");
      return page.textContent("#order-event-id");
    },
    close: () => context.close(),
  };
}
