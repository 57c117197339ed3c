// SPDX-License-Identifier: Apache-2.0
// Two sites of one server, reached at one host: a browser that visits both is two visitors, and what it refuses
// on one of them is refused there alone.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startStage } from "./stage.mjs";
import { launchBrowser } from "./visitor.mjs";

let stage, browser;
const shops = {}; // by site: { url, server }
// What scripts read is told apart by name too: here all pages share the endpoint's host.
const visible = { demo: "tl", other: "tl_other" };

const openShop = async (site) => {
  const server = createServer((request, reply) => {
    const consent = request.url.startsWith("/granted") ? "granted" : "manual";
    reply.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    reply.end(`<!doctype html><title>${site}</title>
      <script src="${stage.server}/throughline.js" data-site="${site}" data-key="wk_${site}" data-cookie="${visible[site]}" data-consent="${consent}"></script>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  shops[site] = { server, url: `http://127.0.0.1:${server.address().port}` };
};

before(async () => {
  await openShop("demo");
  await openShop("other");
  stage = await startStage({
    quiet: true,
    origins: [shops.demo.url],
    more: `
[[site]]
id = "other"
name = "Other"
write_key = "wk_other"
origins = ["${shops.other.url}"]
timezone = "Europe/Prague"
currency = "EUR"
cookie_names = { visible = "${visible.other}" }
`,
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const { server } of Object.values(shops)) {
    server.closeAllConnections();
    server.close();
  }
  await stage?.stop();
});

const open = async (page, url) => {
  await page.goto(url);
  await page.waitForFunction(() => typeof window.Throughline?.getSessionId === "function");
  await page.evaluate(() => Throughline.flush());
  return page.evaluate(() => Throughline.getAnonymousId());
};

test("each site has its own visitor, and a refusal on one is told with the proof of that one", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const answers = [];
  page.on("response", (reply) => reply.url().includes("/api/") && answers.push([new URL(reply.url()).pathname, reply.status()]));
  const names = async () => (await context.cookies(stage.server)).filter(({ httpOnly }) => httpOnly).map(({ name }) => name).sort();

  const other = await open(page, `${shops.other.url}/granted?utm_source=one&gclid=BCLICK`);
  await page.evaluate(() => Throughline.identify({ email: "b@mail.example" }));
  await page.evaluate(() => Throughline.flush());
  const demo = await open(page, `${shops.demo.url}/granted?utm_source=two`);
  assert.notEqual(demo, other);
  assert.deepEqual(await names(), ["tl_aid.demo", "tl_aid.other", "tl_tok.demo", "tl_tok.other"]);
  // A new session takes the older id that the server knows: its own.
  await open(page, `${shops.demo.url}/granted?utm_source=three`);
  assert.equal(await open(page, `${shops.demo.url}/granted?utm_source=four`), demo);

  answers.length = 0;
  await open(page, `${shops.other.url}/later`);
  await page.evaluate(() => Throughline.consent({ storage: false, marketing: false }));
  await page.evaluate(() => Throughline.flush());

  assert.deepEqual(answers.filter(([path]) => path === "/api/consent"), [["/api/consent", 200]]);
  assert.deepEqual(await names(), ["tl_aid.demo", "tl_tok.demo"]);
  const receipts = (site) => stage.command("export", "receipts", "--site", site).split("\n").filter(Boolean).map((line) => JSON.parse(line).event);
  assert.deepEqual([receipts("other").at(-1), receipts("demo").includes("withdrawn")], ["withdrawn", false]);
  assert.equal(await open(page, `${shops.demo.url}/granted`), demo);
  await context.close();
});
