// SPDX-License-Identifier: Apache-2.0
// Page views of single-page applications in Chromium: what is a new page, with which referrer and title.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, pause, until } from "./stage.mjs";
import { kAd, pageViews, stage, visitor } from "./visiting.mjs";

const places = () => stage.events("page_view").map(({ ev }) => new URL(ev.u).pathname + new URL(ev.u).search);
const withoutNavigationApi = "<script>delete window.navigation;Object.defineProperty(window,'navigation',{value:undefined})</script>";

for (const before of ["", withoutNavigationApi]) {
  const how = before ? "history alone" : "the Navigation API";

  test(`by ${how}: route changes are page views whose referrer is the page left`, async () => {
    stage.before = before;
    const page = await open(visitor, stage.shop + kAd);
    await pageViews(1);
    await page.evaluate(() => history.pushState({}, "", "/film?scene=2#top"));
    await page.evaluate(() => history.replaceState({ scroll: 1 }, "", location.href)); // state alone
    await page.evaluate(() => history.pushState({}, "", "#bottom")); // fragment alone
    await page.evaluate(() => history.replaceState({}, "", "/donate"));
    await page.goBack();
    await pageViews(3);
    await pause(1200);
  
    const routes = stage.events("page_view").slice(1);
    assert.deepEqual(routes.map(({ ev }) => new URL(ev.u).pathname), ["/film", "/donate", "/film"]);
    assert.deepEqual(routes.map(({ ev }) => new URL(ev.r).pathname), ["/landing", "/film", "/donate"]);
    assert.deepEqual(routes.map(({ ev, touch, why }) => [ev.nt, touch, why]), Array(3).fill([3, undefined, "same"]));
  });

  test(`by ${how}: a query that is tidied or filled in makes no second view, one that is pushed does`, async () => {
    stage.before = before;
    stage.attributes += ' data-keep-query="q page"';
    const page = await open(visitor, stage.shop + kAd);
    await pageViews(1);
    await page.evaluate(() => {
      history.replaceState({}, "", "/landing");
      for (const typed of ["s", "sh", "shoe"]) history.replaceState({}, "", "/landing?q=" + typed);
      history.pushState({}, "", "/landing?q=shoe&page=2");
    });
    await pageViews(2);
    await pause(1200);

    assert.deepEqual(places().slice(1), ["/landing?q=shoe&page=2"]);
    assert.equal(new URL(stage.events("page_view")[1].ev.r).search, "?q=shoe");
  });
}

test("a router that uses the Navigation API alone is seen", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(async () => {
    navigation.addEventListener("navigate", (event) => event.intercept({ handler: async () => {} }));
    await navigation.navigate("/film").finished;
    await navigation.navigate("/donate", { history: "replace" }).finished;
  });
  await pageViews(3);

  assert.deepEqual(places(), ["/", "/film", "/donate"]);
});

test("each route's view has its own title, though frameworks set it after the address", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(async () => {
    history.pushState({}, "", "/one");
    Throughline.track("clicked");
    await new Promise((done) => setTimeout(done, 50));
    document.title = 'One "$&"';
    history.pushState({}, "", "/two");
    await null;
    document.title = "Two";
  });
  await pageViews(3);
  const other = await open(visitor, stage.shop + "/");
  await pageViews(4);
  await other.evaluate(() => history.pushState({}, "", "/three"));
  await other.evaluate(() => void (document.title = "Three"));
  await other.goto("about:blank");
  await pageViews(5);

  assert.deepEqual(stage.events("page_view").map(({ ev }) => ev.ti), ["Käse ☕", 'One "$&"', "Two", "Käse ☕", "Three"]);
});

test("forms and images that take the document's own names away cost no view", async () => {
  stage.before = '<form name="title"></form><img name="referrer"><img name="cookie">';
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  await page.evaluate(() => Throughline.track("later"));
  await until("the event", () => stage.events("later").length);

  assert.equal(stage.events("page_view")[0].touch.gclid, "Abc-123");
  assert.deepEqual(page.errors, []);
});
