// SPDX-License-Identifier: Apache-2.0
// data-capture="form signup scroll": that forms were sent, and how far pages were read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, pause, until } from "./stage.mjs";
import { capturing, events, props } from "./capturing.mjs";
import { pageViews, stage, visitor } from "./visiting.mjs";

const kSecret = "Jana-4711";

test("a form tells that it was sent, never what stands in it", async () => {
  const { page } = await capturing("page form", `<form id="contact" name="ask" method="post" action="https://crm.example/forms/jana@mail.example?key=${kSecret}">
    <input name="id" value="${kSecret}"><input name="name" value="${kSecret}"><input name="action" value="${kSecret}">
    <input name="getAttribute" value="${kSecret}"><input name="matches" value="${kSecret}"><textarea name="text">${kSecret}</textarea><button>send</button></form>`);
  await page.evaluate(() => document.querySelector("button").click());
  await page.waitForURL(/crm\.example/);
  await events("form_submit", 1);
  assert.deepEqual(props("form_submit"), [{ form_id: "contact", form_name: "ask", form_action: "https://crm.example/forms/*" }]);
  assert.doesNotMatch(JSON.stringify(stage.requests), new RegExp(kSecret));
});

test("forms in shadow trees and those that a script sends on are told; dialogs, invalid and ignored ones are not", async () => {
  const { page } = await capturing("page form", `<div id="host"></div>
    <form id="script" onsubmit="return false"><button>go</button></form>
    <form id="other" action="/a" onsubmit="return false"><button formaction="/b">go</button></form>
    <dialog open><form id="dialog" method="dialog"><button>close</button></form></dialog>
    <form id="invalid" novalidate onsubmit="return false"><input required><button>go</button></form>
    <div data-tl-ignore><form id="ignored" onsubmit="return false"><button>go</button></form></div>`);
  await page.evaluate(() => {
    const root = document.querySelector("#host").attachShadow({ mode: "open" });
    root.innerHTML = `<form id="shadow"><input><button>go</button></form>`;
    root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  });
  for (const id of ["script", "other", "dialog", "invalid", "ignored"]) await page.click(`#${id} button`);
  await page.click("#shadow input");
  await page.keyboard.press("Enter");
  await events("form_submit", 3);
  await pause(100);
  assert.deepEqual(props("form_submit"), [{ form_id: "script" }, { form_id: "other", form_action: stage.shop + "/b" }, { form_id: "shadow" }]);
  assert.deepEqual(page.errors, []);
});

test("a marked form with an address in it is one sign-up, however often it is sent", async () => {
  const { page } = await capturing("page form signup", `<form id="letter" data-tl-signup="news" onsubmit="return false">
    <input type="email" name="mail"><button>join</button></form><form id="plain" onsubmit="return false"><input type="email" value="a@b.example"><button>go</button></form>`);
  await page.click("#letter button"); // nothing in it yet
  await page.fill("#letter input", "jana@mail.example");
  await page.click("#letter button");
  await page.click("#letter button");
  await page.click("#plain button");
  await events("form_submit", 2);
  assert.deepEqual(stage.events().filter(({ p }) => p).map(({ n, p }) => [n, p.form_id, p.list]), [
    ["form_submit", "letter", undefined], ["email_signup", "letter", "news"], ["form_submit", "plain", undefined]]);
  assert.doesNotMatch(JSON.stringify(stage.requests), /jana|a@b/);
});

test("scrolling reports each mark once a page view, and a route change starts anew", async () => {
  const { page } = await capturing("page scroll", `<div style="height:10000px">long</div>`);
  const to = (part) => page.evaluate((part) => scrollTo(0, part * document.documentElement.scrollHeight - innerHeight + 2), part);
  const marks = () => props("scroll_depth").map(({ percent }) => percent);
  await pause(300);
  assert.deepEqual(marks(), [], "nothing was scrolled yet");
  await to(0.3);
  await until("a quarter", () => marks().join() == "25");
  await to(0.8);
  await until("three quarters", () => marks().join() == "25,50,75");
  await to(0.2);
  await to(1);
  await until("all", () => marks().join() == "25,50,75,90");
  await page.evaluate(() => { history.pushState({}, "", "/next"); scrollTo(0, 0); });
  await pause(600);
  assert.equal(marks().length, 4, "the top of the next page is no mark");
  await page.evaluate(() => (location.hash = "part"));
  await to(0.5);
  await until("the next page's", () => marks().join() == "25,50,75,90,25,50");
  assert.match(stage.events("scroll_depth").at(-1).ev.u, /\/next$/);
  assert.deepEqual(page.errors, []);
});

test("a short page reports no depth, an application's scrolling frame does, a list in it does not", async () => {
  const { page } = await capturing("page scroll", `<style>body{margin:0}</style><main style="height:100vh;overflow:auto"><div style="height:5000px">long</div></main>
    <ul style="position:fixed;top:0;width:100px;height:100px;overflow:auto"><li style="height:900px">list</ul>`);
  await page.evaluate(() => document.querySelector("ul").scrollTo(0, 900));
  await pause(600);
  assert.deepEqual(props("scroll_depth"), []);
  await page.evaluate(() => document.querySelector("main").scrollTo(0, 1000));
  await events("scroll_depth", 1);
  assert.deepEqual(props("scroll_depth"), [{ percent: 25 }]);
});

test("nothing of all this happens unless it is asked for", async () => {
  const files = [];
  visitor.on("request", (request) => files.push(new URL(request.url()).pathname));
  stage.html = `<div style="height:9000px"></div><form data-tl-signup onsubmit="return false"><input type="email" value="a@b.example"><button>go</button></form>
    <a href="https://other.example/" onclick="return false">out</a><a href="/a.pdf" onclick="return false">file</a>`;
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => { scrollTo(0, 9000); document.querySelectorAll("a,button").forEach((one) => one.click()); });
  await pause(1500);
  assert.deepEqual(stage.events().map(({ n }) => n), ["page_view"]);
  assert.ok(!files.some((path) => path.endsWith(".m.js")), files.join());
});
