// SPDX-License-Identifier: Apache-2.0
// data-capture="outbound download checkout": what is told of links that are followed, and what they carry.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, pause, until } from "./stage.mjs";
import { capturing, events, props } from "./capturing.mjs";
import { stage, visitor } from "./visiting.mjs";

const kAll = "page outbound download";
const kStay = `<script>addEventListener("click", (event) => event.preventDefault())</script>`;

test("a link that leaves the site is told, and leaves with the page that it takes away", async () => {
  const { page, visited } = await capturing(kAll, `<a id="out" href="https://www.other.example/a/jana@mail.example/4711004711?q=secret#part">out</a>`);
  await page.click("#out");
  await page.waitForURL(/other\.example/);
  await events("click", 1);
  assert.deepEqual(props("click"), [{
    link_type: "outbound", link_url: "https://www.other.example/a/*/*", link_domain: "www.other.example", link_id: "out" }]);
  assert.deepEqual(visited, ["https://www.other.example/a/jana@mail.example/4711004711?q=secret"]);
  assert.equal(stage.events("click")[0].sid, stage.events("page_view")[0].sid);
});

test("key, middle button and a tab of their own are clicks too; the secondary button is none", async () => {
  const { page } = await capturing(kAll, `<a id="key" href="https://key.example/">key</a>
    <a id="tab" target="_blank" rel="noopener" href="https://tab.example/">tab</a><a id="menu" href="https://menu.example/">menu</a>
    <a id="middle" href="https://middle.example/">middle</a>`);
  await page.click("#menu", { button: "right" });
  await page.click("#middle", { button: "middle" });
  await events("click", 1);
  await page.click("#tab");
  await events("click", 2);
  await page.bringToFront();
  await page.focus("#key");
  await page.keyboard.press("Enter");
  await page.waitForURL(/key\.example/);
  await events("click", 3);
  assert.deepEqual(props("click").map(({ link_domain }) => link_domain), ["middle.example", "tab.example", "key.example"]);
  assert.deepEqual(page.errors, []);
});

test("links in shadow trees, in SVG, in image maps and of later are found; handlers that stop the event hide none", async () => {
  const { page } = await capturing(kAll, `${kStay}<div id="host"></div>
    <svg><a id="svg" href="https://svg.example/x"><text y="20">svg</text></a></svg>
    <svg xmlns:xlink="http://www.w3.org/1999/xlink"><a id="xlink" xlink:href="https://xlink.example/"><text y="20">old</text></a></svg>
    <map name="m"><area id="area" href="https://area.example/"></map><a id="stopped" href="https://stopped.example/"><b>deep</b></a>`);
  await page.evaluate(() => {
    document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML = `<a href="https://shadow.example/"><i>in</i></a>`;
    document.body.insertAdjacentHTML("beforeend", `<a id="late" href="https://late.example/">late</a>`);
    document.querySelector("#stopped").addEventListener("click", (event) => (event.stopImmediatePropagation(), event.preventDefault()), true);
    const click = (element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true }));
    click(document.querySelector("#host").shadowRoot.querySelector("i"));
    for (const id of ["svg text", "xlink text", "area", "stopped b", "late"]) click(document.querySelector("#" + id));
  });
  await events("click", 6);
  assert.deepEqual(props("click").map(({ link_domain }) => link_domain.split(".")[0]), ["shadow", "svg", "xlink", "area", "stopped", "late"]);
  assert.deepEqual(page.errors, []);
});

test("the own site, linked domains, ignored links and addresses of other kinds are not outbound", async () => {
  stage.attributes += ' data-link-domains="pay.example"';
  const { page } = await capturing(kAll, `${kStay}<a href="/about">us</a><a href="https://till.pay.example/">till</a>
    <a href="mailto:jana@mail.example">mail</a><a href="javascript:void 0">script</a><a href="https://[bad">bad</a><a name="none">none</a>
    <p data-tl-ignore><a href="https://ignored.example/">ignored</a></p><a href="https://end.example/">end</a>`);
  await page.evaluate(() => document.querySelectorAll("a").forEach((link) => link.click()));
  await events("click", 1);
  assert.deepEqual(props("click").map(({ link_domain }) => link_domain), ["end.example"]);
  assert.deepEqual(page.errors, []);
});

test("files are downloads by their ending or attribute, told once even where they lie elsewhere", async () => {
  const { page } = await capturing(kAll, `${kStay}<a href="/files/Price%20list.PDF?v=2">pdf</a><a href="https://files.example/film.webm">film</a>
    <a download href="/export">export</a><a href="/7f8a9b0c1d2e3f4a5b6c.zip">own</a><a href="/page.html">page</a>`);
  await page.evaluate(() => document.querySelectorAll("a").forEach((link) => link.click()));
  await events("click", 4);
  await pause(100);
  assert.deepEqual(props("click").map(({ link_type, link_domain, file_name, file_extension }) => [link_type, link_domain, file_name, file_extension]), [
    ["download", "127.0.0.1", "Price%20list.PDF", "pdf"], ["download", "files.example", "film.webm", "webm"],
    ["download", "127.0.0.1", "export", undefined], ["download", "127.0.0.1", "*", "zip"]]);
  assert.equal(props("click")[0].link_url, stage.shop + "/files/Price%20list.PDF");
});

test("data-download-types is the site's own list", async () => {
  stage.attributes += ' data-download-types="gpx PDF"';
  const { page } = await capturing("download", `${kStay}<a href="/a.gpx">a</a><a href="/b.zip">b</a><a href="/c.pdf">c</a><a href="https://other.example/">o</a>`);
  await page.evaluate(() => document.querySelectorAll("a").forEach((link) => link.click()));
  await events("click", 2);
  await pause(100);
  assert.deepEqual(props("click").map(({ file_name }) => file_name), ["a.gpx", "c.pdf"]);
});

test("links to a provider's page carry the ids as they are followed, whenever they came, and are as before after", async () => {
  const { page, visited } = await capturing("page checkout", `<a id="own" href="/about">own</a>`);
  const [anonymousId, sessionId] = await ids(page);
  await page.evaluate(() => {
    window.host = document.body.appendChild(document.createElement("div"));
    host.attachShadow({ mode: "open" }).innerHTML = `<a id="late" target="_blank" href="https://buy.stripe.com/late">pay</a>`;
  });
  await page.click("#late");
  await until("the payment page", () => visited.length);
  assert.match(new URL(visited[0]).searchParams.get("client_reference_id"), new RegExp(`^tl1_${anonymousId}_${sessionId}_`));
  await page.bringToFront();
  assert.equal(await page.evaluate(() => host.shadowRoot.querySelector("a").getAttribute("href")), "https://buy.stripe.com/late");

  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", `<form action="https://buy.stripe.com/form"><button>pay</button></form>`));
  await page.click("form button");
  await page.waitForURL(/stripe\.com\/form/);
  assert.match(page.url(), new RegExp(`client_reference_id=tl1_${anonymousId}_${sessionId}_`));
});

test("a form that is checked first and submitted by script carries the ids; a reset meanwhile takes them", async () => {
  const { page } = await capturing("page checkout", `<form action="https://buy.stripe.com/form"><button>pay</button></form>
    <script>document.querySelector("form").onsubmit = (event) => (event.preventDefault(), window.checked?.then(() => event.target.submit()))</script>`);
  const [anonymousId, sessionId] = await ids(page);
  const fields = () => page.evaluate(() => new Promise((done) => setTimeout(() => done(document.querySelectorAll("form input").length), 30)));
  await page.click("button");
  await page.click("button");
  assert.equal(await fields(), 1);
  await page.evaluate(() => Throughline.reset());
  assert.equal(await fields(), 0);
  await page.evaluate(() => {
    Throughline.track("anew");
    window.checked = new Promise((done) => setTimeout(done, 50));
  });
  const [anew] = await ids(page);
  assert.notEqual(anew, anonymousId);
  await page.click("button");
  await page.waitForURL(/stripe\.com\/form/);
  assert.match(page.url(), new RegExp(`client_reference_id=tl1_${anew}_`));
  assert.ok(!page.url().includes(sessionId));
});

test("without consent nothing is told of links and nothing is carried; a later yes sends what waited", async () => {
  stage.attributes = 'data-consent="manual"';
  const { page } = await capturing("page outbound checkout", `${kStay}<a id="pay" href="https://buy.stripe.com/x">pay</a>`);
  const followed = () => page.evaluate(() => new Promise((done) => {
    addEventListener("click", (event) => done(event.target.href), { once: true });
    document.querySelector("#pay").click();
  }));
  assert.equal(await followed(), "https://buy.stripe.com/x");
  await pause(1200);
  assert.deepEqual(stage.requests, []);

  await page.evaluate(() => Throughline.consent({ storage: true, marketing: false }));
  await events("click", 1);
  assert.deepEqual(stage.events().map(({ n }) => n), ["page_view", "click"]);
  await page.evaluate(() => Throughline.consent({ storage: false }));
  assert.equal(await followed(), "https://buy.stripe.com/x");
  await pause(1200);
  assert.equal(stage.events("click").length, 1);
});

test("a strict policy and Trusted Types leave the captures at work", async () => {
  stage.csp = `default-src 'none'; script-src ${stage.shop} 'nonce-n' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'; form-action https:`;
  const { page } = await capturing(kAll, `<a id="out" href="https://other.example/">out</a>`);
  await page.click("#out");
  await events("click", 1);
  assert.deepEqual(page.errors, []);
});
