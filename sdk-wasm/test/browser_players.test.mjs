// SPDX-License-Identifier: Apache-2.0
// data-capture="players": YouTube's and Vimeo's players in the page. Doubles stand in at the players' own
// addresses and speak their messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, pause, until } from "./stage.mjs";
import { pageViews, stage, visitor } from "./visiting.mjs";

// Tells where it is once it was asked to, as YouTube's widget does.
const youtube = `<script>
  let asked = 0;
  const tell = (event, info) => parent.postMessage(JSON.stringify({ event, info, id: 1, channel: "widget" }), "*");
  addEventListener("message", ({ data, source }) => {
    if (source != parent || JSON.parse(data).event != "listening" || asked++) return;
    tell("initialDelivery", { currentTime: 0, duration: 200, playerState: 5, videoData: { title: "Wells" } });
  });
  addEventListener("message", ({ data, source }) => {
    const { go, tells } = JSON.parse(data);
    if (go) for (const [event, info] of tells) tell(event, info);
  });
</script>`;
const vimeo = `<script>
  const asked = new Set();
  const tell = (event, data) => parent.postMessage(JSON.stringify({ event, data }), "*");
  setTimeout(() => tell("ready"), 300);
  addEventListener("message", ({ data }) => {
    const said = JSON.parse(data);
    if (said.method == "addEventListener") asked.add(said.value);
    if (said.go) for (const [event, data] of said.tells) if (asked.has(event)) tell(event, data);
  });
</script>`;

const kFrames = `<iframe id="yt" src="https://www.youtube.com/embed/aqz-KE-bpKQ?enablejsapi=1" data-tl-category="film"></iframe>
  <iframe id="vi" src="https://player.vimeo.com/video/76979871" data-tl-video="trailer" title="Trailer"></iframe>`;

const arrive = async (html = kFrames, capture = "page players") => {
  stage.attributes += ` data-capture="${capture}"`;
  stage.html = html;
  const outside = [];
  await visitor.route(/^https:/, (route) => {
    outside.push(route.request().url());
    const body = { "www.youtube.com": youtube, "www.youtube-nocookie.com": youtube, "player.vimeo.com": vimeo };
    return route.fulfill({ contentType: "text/html", body: body[new URL(route.request().url()).hostname] ?? "" });
  });
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  return { page, outside };
};
// Has a frame's double say something once it has been asked to.
const say = (page, selector, tells) =>
  page.evaluate(([selector, tells]) =>
    document.querySelector(selector).contentWindow.postMessage(JSON.stringify({ go: 1, tells }), "*"), [selector, tells]);
const videos = () => stage.events().filter(({ n }) => /video|content/.test(n)).map(({ n, p }) => [n, p.content_id, p.percent]);
const asked = (page) => page.waitForTimeout(700); // the doubles have no way to tell the test

test("YouTube and Vimeo report the first play and the quarters, each once", async () => {
  const { page, outside } = await arrive();
  await asked(page);
  await say(page, "#yt", [["infoDelivery", { currentTime: 1 }], ["onStateChange", 1], ["infoDelivery", { currentTime: 60 }], ["infoDelivery", { currentTime: 10 }], ["infoDelivery", { currentTime: 195 }]]);
  await until("YouTube", () => videos().length >= 5);
  await say(page, "#vi", [["playing", { seconds: 0, duration: 100 }], ["timeupdate", { seconds: 50, duration: 100, percent: 0.5 }], ["timeupdate", { seconds: 51, duration: 100 }]]);
  await until("Vimeo", () => videos().length >= 8);

  const kYoutube = "aqz-KE-bpKQ";
  assert.deepEqual(videos(), [
    ["content_view", kYoutube, undefined], ["video_progress", kYoutube, 25], ["video_progress", kYoutube, 50],
    ["video_progress", kYoutube, 75], ["video_progress", kYoutube, 95],
    ["content_view", "trailer", undefined], ["video_progress", "trailer", 25], ["video_progress", "trailer", 50],
  ]);
  const of = (id) => stage.events("content_view").find(({ p }) => p.content_id == id).p;
  assert.deepEqual(of(kYoutube), { content_type: "video", duration_s: 200, content_id: kYoutube, content_name: "Wells", content_category: "film" });
  assert.equal(of("trailer").content_name, "Trailer");
  assert.deepEqual(outside.sort(), ["https://player.vimeo.com/video/76979871", "https://www.youtube.com/embed/aqz-KE-bpKQ?enablejsapi=1"], "no request of ours");
  assert.deepEqual(page.errors, []);
});

test("a player that comes into the page later is followed", async () => {
  const { page } = await arrive("");
  await page.evaluate(() => {
    document.body.insertAdjacentHTML("beforeend", '<iframe id="yt" src="https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?enablejsapi=1"></iframe>');
  });
  await asked(page);
  await say(page, "#yt", [["onStateChange", 1], ["infoDelivery", { currentTime: 1 }]]);
  await until("the view", () => videos().length == 1);
});

test("messages of anybody else, and odd ones of a player, are nothing", async () => {
  const { page } = await arrive(kFrames + '<iframe id="evil" src="https://evil.example/embed/aqz-KE-bpKQ"></iframe>');
  await asked(page);
  await page.evaluate(() => {
    const told = { event: "infoDelivery", info: { currentTime: 190, duration: 200, playerState: 1 } };
    for (const data of [JSON.stringify(told), told, "{", null, 7, "x".repeat(1e5), { event: "timeupdate", data: { seconds: 5, duration: 10 } }]) postMessage(data, "*");
    for (const frame of document.querySelectorAll("iframe"))
      dispatchEvent(new MessageEvent("message", { data: JSON.stringify(told), source: frame.contentWindow, origin: "https://evil.example" }));
  });
  await say(page, "#yt", [["onStateChange", 1], ["infoDelivery", { currentTime: -5, duration: 200 }], ["infoDelivery", { currentTime: "190" }], ["infoDelivery", { currentTime: 5, duration: 0 }], ["infoDelivery", { currentTime: 1e12, duration: 200 }], ["infoDelivery", null], ["infoDelivery", { currentTime: {}, duration: [] }]]);
  await say(page, "#vi", [["timeupdate", null], ["timeupdate", { seconds: null, duration: 10 }], ["playing"]]);
  await pause(300);
  assert.deepEqual(videos(), []);
  assert.deepEqual(page.errors, []);
  await say(page, "#yt", [["infoDelivery", { currentTime: 0, duration: 200 }]]);
  await until("the view after the noise", () => videos().length == 1);
});

test("without data-capture=players no player hears of us, and its file is not fetched", async () => {
  const files = [];
  visitor.on("request", (request) => files.push(new URL(request.url()).pathname));
  const { page } = await arrive(kFrames, "page video");
  await asked(page);
  await say(page, "#yt", [["onStateChange", 1], ["infoDelivery", { currentTime: 60, duration: 200 }]]);
  await pause(200);
  assert.deepEqual(videos(), []);
  assert.ok(!files.some((path) => path.endsWith(".m.js")), files.join());
});
