// SPDX-License-Identifier: Apache-2.0
// Hidden fields with the ids in forms that came after the page view, by each way in which a form is read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, open, until } from "./stage.mjs";
import { pageViews, stage, visitor } from "./visiting.mjs";

const kForm = '<form action="/order"><input type="hidden" name="tl_session_id"><input type="hidden" name="tl_anonymous_id"><input name="q" value="1"><button>go</button></form>';
const withLateForm = async (html = kForm) => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), html);
  const [anonymousId, sessionId] = await ids(page);
  return { page, sent: { tl_session_id: sessionId, tl_anonymous_id: anonymousId } };
};

for (const [way, act] of [
  ["its button", () => document.querySelector("button").click()],
  ["form.submit()", () => document.querySelector("form").submit()],
])
  test(`a form that came later has the ids when it is sent by ${way}`, async () => {
    const { page, sent } = await withLateForm();
    await page.evaluate(act);
    await until("the order", () => stage.asked.some(({ path }) => path == "/order"));
    const { query } = stage.asked.find(({ path }) => path == "/order");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), { ...sent, q: "1" });
  });

test("a form that came later has the ids when a script reads it: FormData at a click, values at a submit", async () => {
  const { page, sent } = await withLateForm();
  const read = await page.evaluate(() => {
    const form = document.querySelector("form");
    const asked = {};
    form.querySelector("button").addEventListener("click", () => (asked.click = Object.fromEntries(new FormData(form))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      asked.submit = Object.fromEntries([...form.elements].map(({ name, value }) => [name, value]));
      delete asked.submit[""];
    });
    form.querySelector("button").click();
    return asked;
  });
  assert.deepEqual(read, { click: { ...sent, q: "1" }, submit: { ...sent, q: "1" } });
});

test("a form without the fields gets none, and without consent they are empty", async () => {
  const { page } = await withLateForm('<form><input name="q" value="1"></form>');
  const read = () => page.evaluate(() => Object.fromEntries(new FormData(document.querySelector("form"))));
  assert.deepEqual(await read(), { q: "1" });
  await page.evaluate(() => Throughline.consent(false));
  await page.evaluate((html) => (document.body.innerHTML = html), kForm);
  assert.deepEqual(await read(), { tl_session_id: "", tl_anonymous_id: "", q: "1" });
  assert.deepEqual(page.errors, []);
});
