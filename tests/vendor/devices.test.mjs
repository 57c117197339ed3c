// SPDX-License-Identifier: Apache-2.0
// `throughline device` beside two other readers of user agents, where these two agree with each other,
// and beside the crawlers that crawler-user-agents has seen.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { commandLines } from "./command_lines.mjs";

const require = createRequire(import.meta.url);
const bowser = require("bowser");
const { UAParser } = require("ua-parser-js");
const lists = createRequire(new URL("../../tools/lists/package.json", import.meta.url));
const crawlers = lists("crawler-user-agents");

const desktops = ["Windows NT 10.0; Win64; x64", "Windows NT 6.1; WOW64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "X11; Ubuntu; Linux x86_64", "X11; CrOS x86_64 14541.0.0"];
const phones = ["Linux; Android 10; K", "Linux; Android 12; CUBOT NOTE 21", "Linux; Android 14; SM-S911B", "Linux; Android 13; Pixel 7", "Linux; Android 12; M2102J20SG"];
const tablets = ["Linux; Android 13; SM-X700", "Linux; Android 9; Lenovo TB-X605F"];
const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
const apple = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X)";
const userAgents = [
  ...desktops.flatMap((system) => [
    `Mozilla/5.0 (${system}) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
    `Mozilla/5.0 (${system}) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.3485.54`,
    `Mozilla/5.0 (${system}) ${webkit} Chrome/138.0.0.0 Safari/537.36 OPR/122.0.0.0`,
    `Mozilla/5.0 (${system}; rv:142.0) Gecko/20100101 Firefox/142.0`,
    `Mozilla/5.0 (${system}) ${webkit} Chrome/136.0.0.0 YaBrowser/25.6.0.0 Safari/537.36`,
  ]),
  ...[...phones.map((system) => [system, "Mobile "]), ...tablets.map((system) => [system, ""])].flatMap(([system, mobile]) => [
    `Mozilla/5.0 (${system}) ${webkit} Chrome/140.0.0.0 ${mobile}Safari/537.36`,
    `Mozilla/5.0 (${system}) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 ${mobile}Safari/537.36`,
    `Mozilla/5.0 (${system}) ${webkit} Chrome/140.0.0.0 ${mobile}Safari/537.36 EdgA/140.0.0.0`,
    `Mozilla/5.0 (${system}; wv) ${webkit} Version/4.0 Chrome/140.0.0.0 ${mobile}Safari/537.36`,
  ]),
  "Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0",
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${apple} Version/17.5 Safari/605.1.15`,
  `${iphone} ${apple} Version/17.5 Mobile/15E148 Safari/604.1`,
  `${iphone} ${apple} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1`,
  `${iphone} ${apple} FxiOS/142.0 Mobile/15E148 Safari/605.1.15`,
  `${iphone} ${apple} EdgiOS/140.0.0.0 Version/17.0 Mobile/15E148 Safari/604.1`,
  `Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) ${apple} Version/16.6 Mobile/15E148 Safari/604.1`,
  "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
  "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; Trident/6.0)",
];

const kBrowsers = [
  [/webview/i, null], [/edge/i, "edge"], [/opera/i, "opera"], [/samsung/i, "samsung_internet"], [/yandex/i, "yandex_browser"], [/firefox/i, "firefox"],
  [/^(mobile )?chrome/i, "chrome"], [/safari/i, "safari"], [/^(ie|internet explorer)/i, "ie"],
];
const kSystems = [[/windows/i, "windows"], [/mac ?os/i, "macos"], [/ios/i, "ios"], [/android/i, "android"], [/chrom(e|ium) ?os/i, "chromeos"], [/linux|ubuntu/i, "linux"]];
const slug = (table, name) => table.find(([pattern]) => pattern.test(name ?? ""))?.[1] ?? null;

test("where two other readers agree, so do we", () => {
  const ours = commandLines("device", userAgents);
  let compared = 0;
  userAgents.forEach((text, index) => {
    const one = bowser.parse(text);
    const other = new UAParser(text).getResult();
    const pairs = {
      browser: [slug(kBrowsers, one.browser.name), slug(kBrowsers, other.browser.name)],
      os: [slug(kSystems, one.os.name), slug(kSystems, other.os.name)],
      device: [one.platform.type ?? null, other.device.type ?? "desktop"],
    };
    for (const [field, [a, b]] of Object.entries(pairs)) {
      if (a === null || a !== b) continue;
      compared += 1;
      assert.equal(ours[index][field], a, `${field} of ${text}`);
    }
    assert.equal(ours[index].bot, null, text);
  });
  assert.ok(compared > 120, `${compared} compared`);
});

test("crawlers are bots, by name and reason", () => {
  const lines = crawlers.flatMap(({ instances }) => instances).filter((text) => !/[\r\n]/.test(text));
  const answers = commandLines("device", lines);
  const missed = lines.filter((_, index) => answers[index].bot === null);
  assert.ok(missed.length <= lines.length / 200, `${missed.length} of ${lines.length} missed: ${missed.slice(0, 5).join("\n")}`);
  for (const { bot, device } of answers) {
    if (bot === null) continue;
    assert.equal(device, "bot");
    assert.match(bot.reason, /^[a-z_]+$/);
    assert.notEqual(bot.name, "");
  }
});

test("every line is answered, whatever it holds", () => {
  const answers = commandLines("device", ["", "x".repeat(5000), "\u0000\u0001", "Mozilla/5.0 \ud83d\ude00", "{\"json\":1}"]);
  assert.equal(answers.length, 5);
  assert.deepEqual(answers[0].bot, { name: "unknown", reason: "empty_user_agent" });
});
