// SPDX-License-Identifier: Apache-2.0
// The stage of the browser tests: the shop with its endpoint, and Chromium.
import { chromium } from "playwright-core";
import { openShop } from "./shop.mjs";

export { pause, until } from "./shop.mjs";

export const openStage = async () => {
  const stage = await openShop();
  // Chromium's engine without its window costs half as much; it calls itself a robot, which no endpoint minds here.
  const browser = await chromium.launch({
    executablePath: process.env.TL_CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    args: ["--no-sandbox"],
  });
  stage.visitor = () => browser.newContext();
  const closeShop = stage.close;
  stage.close = async () => {
    await browser.close();
    closeShop();
  };
  return stage;
};

/** Opens a page; whatever it throws fails the test that asks for `errors`. */
export const open = async (context, url) => {
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(url);
  return page;
};

/** Everything a visitor's browser holds for this page. */
export const deviceOf = (page) =>
  page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie }));

export const ids = (page) =>
  page.evaluate(() => [Throughline.getAnonymousId(), Throughline.getSessionId()]);
