// SPDX-License-Identifier: Apache-2.0
// Pages with captures turned on, and a web around them: whatever leaves the shop is answered here.
import { open, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

/** Opens the shop with `html` once its captures listen. `visited`: the addresses outside that were opened. */
export const capturing = async (capture, html, path = "/") => {
  stage.attributes += ` data-capture="${capture}"`;
  stage.html = html;
  const visited = [];
  await visitor.route(/^https:/, (route) => {
    visited.push(route.request().url());
    return route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" });
  });
  const listens = new Promise((done) => visitor.on("requestfinished", (file) => file.url().endsWith(".m.js") && done()));
  const page = await open(visitor, stage.shop + path);
  await listens;
  await page.evaluate(() => new Promise((done) => setTimeout(done, 50))); // it runs in a turn of its own
  return { page, visited };
};

export const props = (name) => stage.events(name).map(({ p }) => p);
export const events = (name, count) =>
  until(`${count} × ${name}`, () => stage.events(name).length >= count);
