// SPDX-License-Identifier: Apache-2.0
// Two sites of one server, reached at one host: a browser that visits both is two visitors, and what it refuses
// on one of them is refused there alone. Their pages may share cookies (ports of a host, sub-domains) or the
// whole device (an origin).
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startStage } from "./stage.mjs";
import { launchBrowser } from "./visitor.mjs";

let stage, browser, subdomains;
const servers = [];
const homes = []; // { what, demo, other: the sites' addresses; server }

const servePages = async () => {
  const server = createServer(({ url, headers }, reply) => {
    const [, site, page] = url.split(/[/?]/);
    const endpoint = homes.find((home) => home[site]?.startsWith(`http://${headers.host}/`))?.server ?? subdomains;
    reply.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    reply.end(`<!doctype html><title>${site}</title>
      <script src="${endpoint}/throughline.js" data-site="${site}" data-key="wk_${site}" data-consent="${page === "later" ? "manual" : "granted"}"></script>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  servers.push(server);
  return server.address().port;
};

before(async () => {
  const [port, second] = [await servePages(), await servePages()];
  const at = (host, number = port) => ({ demo: `http://${host.demo}:${number}/demo`, other: `http://${host.other}:${number}/other` });
  const local = { demo: "127.0.0.1", other: "127.0.0.1" };
  homes.push(
    { what: "two ports of a host", demo: at(local).demo, other: at(local, second).other },
    { what: "two sub-domains of a domain", ...at({ demo: "a.shop.localhost", other: "b.shop.localhost" }) },
    { what: "one origin", ...at({ demo: "www.shop.localhost", other: "www.shop.localhost" }) },
  );
  const origins = (site) => [...homes.map((home) => new URL(home[site]).origin), `http://c.shop.localhost:${port}`];
  stage = await startStage({
    quiet: true,
    origins: origins("demo"),
    more: `
[[site]]
id = "other"
name = "Other"
write_key = "wk_other"
origins = ${JSON.stringify(origins("other"))}
timezone = "Europe/Prague"
currency = "EUR"
`,
  });
  subdomains = stage.server.replace("127.0.0.1", "t.shop.localhost");
  for (const home of homes) home.server = home.what === "two ports of a host" ? stage.server : subdomains;
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of servers) {
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
const receipts = (site) => stage.command("export", "receipts", "--site", site).split("\n").filter(Boolean).map((line) => JSON.parse(line).event);

for (const index of [0, 1, 2])
  test(`each site has its own visitor, and a refusal counts for that one: ${["two ports of a host", "two sub-domains of a domain", "one origin"][index]}`, async () => {
    const home = homes[index];
    const context = await browser.newContext();
    const page = await context.newPage();
    const answers = [];
    page.on("response", (reply) => reply.url().includes("/api/") && answers.push([new URL(reply.url()).pathname, reply.status()]));
    const names = async () => (await context.cookies([home.server, home.demo, home.other])).map(({ name }) => name).sort();
    const kept = () => page.evaluate(() => Object.keys(localStorage).sort());
    const before = receipts("other").length;

    const other = await open(page, `${home.other}/granted?utm_source=one&gclid=BCLICK`);
    await page.evaluate(() => Throughline.identify({ email: "b@mail.example" }));
    await page.evaluate(() => Throughline.flush());
    const demo = await open(page, `${home.demo}/granted?utm_source=two`);
    assert.notEqual(demo, other);
    assert.deepEqual(await names(), ["tl.demo", "tl.other", "tl_aid.demo", "tl_aid.other", "tl_tok.demo", "tl_tok.other"]);
    // A new session takes the older id that the server knows: its own.
    await open(page, `${home.demo}/granted?utm_source=three`);
    assert.equal(await open(page, `${home.demo}/granted?utm_source=four`), demo);
    assert.equal(await open(page, `${home.other}/granted`), other);

    answers.length = 0;
    await open(page, `${home.other}/later`);
    await page.evaluate(() => Throughline.consent({ storage: false, marketing: false }));
    await page.evaluate(() => Throughline.flush());

    assert.deepEqual(answers.filter(([path]) => path === "/api/consent"), [["/api/consent", 200]]);
    assert.deepEqual(await names(), ["tl.demo", "tl_aid.demo", "tl_tok.demo"]);
    assert.deepEqual((await kept()).filter((key) => !key.endsWith(".demo")), ["tl_consent.other"]);
    assert.deepEqual([receipts("other").slice(before).at(-1), receipts("demo").includes("withdrawn")], ["withdrawn", false]);
    assert.equal(await open(page, `${home.other}/granted`), null, "the refusal stands");
    assert.equal(await open(page, `${home.demo}/granted`), demo);
    await context.close();
  });

test("a visitor of one sub-domain is known on the next by the site's own cookie, and refused there refused on both", async () => {
  const { demo: home, other, server } = homes[1];
  const context = await browser.newContext();
  const page = await context.newPage();
  const next = home.replace("a.shop", "c.shop");
  await open(page, `${other}/granted`); // the last to set a cookie for the domain they share, but one
  const visitor = await open(page, `${home}/granted`);
  await open(page, `${other}/granted`);
  assert.equal(await open(page, `${next}/granted`), visitor);
  await page.evaluate(() => Throughline.consent("denied"));
  await page.evaluate(() => Throughline.flush());
  const left = (await context.cookies([server, home, other])).map(({ name }) => name).sort();
  assert.deepEqual(left, ["tl.other", "tl_aid.other", "tl_tok.other"]);
  await context.close();
});
