// SPDX-License-Identifier: Apache-2.0
// The dashboard on the real server with a seeded past: every page, by mouse and by keyboard, for every role,
// in light, in dark and on a phone. THROUGHLINE_SHOTS=DIR keeps a picture of each.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";
import { launchBrowser } from "./visitor.mjs";

const AXE = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const SEED = fileURLToPath(new URL("../../tools/seed", import.meta.url));
const PASSWORD = "a password for tests";
const SHOTS = process.env.THROUGHLINE_SHOTS;
const VIEWS = ["", "/models", "/paths", "/campaigns", "/campaigns?channel=paid_search", "/conversions", "/sessions", "/deliveries", "/live", "/install", "/team", "/privacy"];
const YEAR = "range=365d";

// Another site, for the switcher; what it sells may be told to nobody without consent.
const SECOND = `
[[site]]
id = "second"
name = "Second Film"
write_key = "wk_second"
origins = ["https://second.example"]
timezone = "Europe/Prague"
currency = "EUR"
  [site.destination.meta]
  pixel_id = "1234567890"
  access_token = "EAAsandbox"
  api_version = "v25.0"
  base_url = "http://127.0.0.1:9"
`;

let stage, browser;
before(async () => {
  stage = await startStage({ quiet: true, more: SECOND });
  browser = await launchBrowser();
  for (const role of ["owner", "analyst", "viewer"]) stage.addUser(`${role}@film.example`, role, PASSWORD);
  await promisify(execFile)(process.execPath, [SEED, "--server", stage.server, "--key", stage.key, "--page", stage.site, "--size", "400", "--quiet"]);
});
after(async () => {
  await browser?.close();
  await stage?.stop();
});

async function visit(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  // The one answer that is expected to fail is "who am I" before the login.
  page.on("console", (message) => message.type() === "error" && !/401/.test(message.text()) && troubles.push(message.text()));
  return { context, page, troubles };
}

async function logIn(page, role = "owner", path = "") {
  await page.goto(`${stage.server}/dashboard${path}`);
  await page.getByLabel("E-mail").fill(`${role}@film.example`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await ready(page);
}
// The view is drawn and nothing of it is still loading.
const ready = (page) => page.waitForFunction(() => document.querySelector("main#main") && !document.querySelector(".loading"));
const open = async (page, path) => {
  await page.goto(`${stage.server}/dashboard${path}${path.includes("?") ? "&" : "?"}${YEAR}`);
  await ready(page);
};
// What a kind of page can break: the dark one is the light one in other colours, the phone's has the same colours. The
// rows of a table are alike, and axe reads every element it finds: most go before it looks.
const AXE_RULES = { desktop: {}, dark: { runOnly: ["color-contrast"] }, phone: { rules: { "color-contrast": { enabled: false } } } };
async function assertAccessible(page, path, kind) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((rules) => {
    for (const row of document.querySelectorAll("tbody tr:nth-child(n + 6)")) row.remove();
    return window.axe.run({ resultTypes: ["violations"], ...rules });
  }, AXE_RULES[kind]);
  assert.deepEqual(violations.map((entry) => `${path} ${entry.id}: ${entry.nodes[0]?.html}`), []);
}
// Cards with more tables than files, or with a picture of numbers and no table. What streams past is in neither.
const withoutFile = (page) => page.locator(".card").evaluateAll((cards) => cards.filter((card) => {
  const count = (selector) => card.querySelectorAll(selector).length;
  return count("table:not(.stream)") > count("[aria-label^='Download as CSV']") || (count(".plot, .chart") > 0 && count("table") === 0);
}).map((card) => card.querySelector("h2")?.textContent));
// Texts that a part cuts off which neither scrolls nor ends them with dots: no finger reaches them.
const cutTexts = (page) => page.evaluate(() => {
  const isCut = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const text = range.getBoundingClientRect();
    if (text.width === 0 || text.height < 3) return false;
    for (let part = element; part && part !== document.body; part = part.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(part);
      if (overflowX === "visible") continue;
      const { left, right } = part.getBoundingClientRect();
      if (text.right <= right + 1 && text.left >= left - 1) continue;
      return /hidden|clip/.test(overflowX) && textOverflow !== "ellipsis";
    }
    return false;
  };
  const texts = [...document.querySelectorAll("main *")].filter((element) => !element.closest("svg, .unseen") && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.filter(isCut).map((element) => element.textContent.trim().slice(0, 40));
});
const nameOf = (path) => path.slice(1).replace(/[/?=&]/g, "-") || "overview";

test("a wrong password is told, a right one opens, a logout closes", async () => {
  const { context, page } = await visit();
  await page.goto(`${stage.server}/dashboard/paths`);
  await page.getByLabel("E-mail").fill("owner@film.example");
  await page.getByLabel("Password").fill("not the password");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "do not belong together" }).waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Paths", level: 1 }).waitFor();
  const cookie = (await context.cookies()).find((entry) => entry.name === "tl_dashboard");
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");
  await page.reload();
  await page.getByRole("heading", { name: "Paths", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await page.goto(`${stage.server}/dashboard`);
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await context.close();
});

for (const [kind, options] of Object.entries({ desktop: {}, dark: { colorScheme: "dark" }, phone: { viewport: { width: 375, height: 812 } } })) {
  test(`every page shows something, is accessible and stays in its width: ${kind}`, async () => {
    const { context, page, troubles } = await visit(options);
    await page.goto(`${stage.server}/dashboard`);
    await page.getByLabel("E-mail").waitFor();
    await assertAccessible(page, "the login", kind);
    await logIn(page);
    const conversions = await stage.reports.conversions();
    const order = conversions.find((entry) => entry.kind === "purchase" && entry.touches > 2);
    for (const path of [...VIEWS, `/conversions/${order.id}`, `/sessions/${order.session_id}`]) {
      await open(page, path);
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${nameOf(path.replace(order.id, "one").replace(order.session_id, "one"))}-${kind}.png`), fullPage: true });
      assert.equal(await page.locator("h1").count(), 1, path);
      assert.deepEqual(await page.locator(".note.bad").allTextContents(), [], path);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${path} scrolls sideways`);
      const cut = await page.evaluate(() => [...document.querySelectorAll(".wide")].filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.getAttribute("aria-label")));
      // Only figures to compare scroll on their own: every model beside the others, and on a phone what has many columns.
      const scrolls = kind === "phone" ? /^(By day|Channels|Sources|Flow|Assists|Revenue by|Removal|Shares|“How)/ : /^Revenue by channel and model$/;
      assert.deepEqual(cut.filter((name) => !scrolls.test(name)), [], path);
      assert.deepEqual(await cutTexts(page), [], `${path} cuts texts`);
      assert.deepEqual(await withoutFile(page), [], path);
      await assertAccessible(page, path, kind);
    }
    assert.deepEqual(troubles, []);
    await context.close();
  });
}

test("the narrowest phone shows every page in its width, and bars of one list on tracks of one length", async () => {
  const { context, page } = await visit({ viewport: { width: 320, height: 640 } });
  await logIn(page);
  for (const path of VIEWS) {
    await open(page, path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${path} scrolls sideways`);
    const tracks = await page.locator(".hbars").evaluateAll((lists) => lists.map((list) => new Set([...list.querySelectorAll(".bar")].map((bar) => Math.round(bar.getBoundingClientRect().width))).size));
    assert.ok(tracks.every((lengths) => lengths === 1), `${path}: ${tracks}`);
    const tiny = await page.locator("main").evaluate((main) => [...main.querySelectorAll("svg:not(.flow) text")].filter((text) => text.getBoundingClientRect().height < 11).map((text) => text.textContent));
    assert.deepEqual(tiny, [], path);
  }
  await context.close();
});

// Of the days that YEAR shows: the seed's days are UTC's, and late in the evening the site's calendar is a day ahead.
const isShown = (moment) => dayOf(moment) >= dayOf(Date.now() - 364 * 864e5);
// The net value of every order that was placed, from the orders themselves.
async function netOfOrders(currency) {
  const orders = (await stage.reports.conversions()).filter((row) => row.kind === "purchase" && row.live && row.status !== "pending" && row.currency === currency && isShown(row.occurred_at));
  return { count: orders.length, minor: orders.reduce((sum, row) => sum + row.amount_minor - row.refunded_minor, 0) };
}
const yearOf = (report) => stage.reports.get(`/api/analytics/attribution/${report}?site=demo&startDate=${dayOf(Date.now() - 364 * 864e5)}&endDate=${dayOf(Date.now())}`);
const euros = (minor) => new Intl.NumberFormat("en-GB", { style: "currency", currency: "EUR" }).format(minor / 100);

test("what the overview says is what the orders say", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `?${YEAR}`);
  const placed = await netOfOrders("EUR");
  assert.ok(placed.count > 20);
  const shown = await page.locator(".card.flush tfoot td, .card.flush tfoot th").allTextContents();
  const total = shown.indexOf("Total, blended");
  assert.equal(shown[total + 1], euros(placed.minor));
  const { with_cost: paid } = await yearOf("by-channel");
  assert.ok(shown[shown.indexOf("With cost") + 9].includes(euros(paid.cpa_minor)), `${shown} has no ${euros(paid.cpa_minor)}`);
  assert.equal(await page.locator(".figures > div", { hasText: "Orders" }).locator(".value").textContent(), String(placed.count));
  await context.close();
});

test("leads are credited like orders, by their number, wherever one goes", async () => {
  const { context, page, troubles } = await visit();
  await logIn(page, "viewer", `?${YEAR}`);
  const leads = (await stage.reports.leads()).filter((row) => row.kind === "lead" && row.currency === "EUR" && isShown(row.occurred_at)).length;
  assert.ok(leads > 20);
  await page.getByRole("button", { name: "Leads" }).first().click();
  await page.getByRole("heading", { name: "Leads by week" }).waitFor();
  await ready(page);
  assert.equal(await page.locator(".figures .value").first().textContent(), String(leads));
  const total = page.locator(".card.flush tfoot tr").last().locator("th, td");
  assert.equal(await total.nth(1).textContent(), String(leads));
  assert.doesNotMatch(await page.locator("thead").last().textContent(), /Revenue|ROAS/);
  for (const [view, says] of [["Models", /The same leads.*Leads? by channel and model|Conversions by channel and model/s], ["Paths", new RegExp(`of ${leads} conversions`)], ["Campaigns", /Leads/]]) {
    await page.getByRole("link", { name: view }).click();
    await page.getByRole("heading", { name: view, level: 1 }).waitFor();
    await ready(page);
    assert.match(await page.locator("main").textContent(), says, view);
    assert.equal(await page.getByRole("button", { name: "Leads" }).first().getAttribute("aria-pressed"), "true", view);
  }
  assert.deepEqual(troubles, []);
  await context.close();
});

test("the bar chooses currency and days, and the address keeps them", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `?${YEAR}`);
  await page.getByLabel("Currency").selectOption("CZK");
  await page.waitForURL(/currency=CZK/);
  await ready(page);
  const placed = await netOfOrders("CZK");
  assert.ok(placed.count > 2);
  assert.equal(await page.locator(".card.flush tfoot tr").last().locator("td").first().textContent(), new Intl.NumberFormat("en-GB", { style: "currency", currency: "CZK" }).format(placed.minor / 100));
  const year = await page.locator("h1 + p").textContent();
  await page.getByLabel("Days").selectOption({ label: "Last 7 days" });
  await page.waitForURL(/range=7d/);
  assert.notEqual(await page.locator("h1 + p").textContent(), year);
  await page.getByRole("link", { name: "Paths" }).click();
  await page.waitForURL(/paths\?.*(currency=CZK.*range=7d|range=7d.*currency=CZK)/);
  await context.close();
});

const dayOf = (moment) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Prague", dateStyle: "short" }).format(new Date(moment));

// Labels of a chart that its box cuts off.
const cutLabels = (page) => page.locator(".plot").evaluate((plot) => {
  const box = plot.getBoundingClientRect();
  return [...plot.querySelectorAll("text")].filter((label) => label.getBoundingClientRect().left < box.left || label.getBoundingClientRect().right > box.right + 0.5).map((label) => label.textContent);
});

test("the chart's labels stand in it whole, however long an amount is", async () => {
  const { context, page } = await visit();
  await page.route(/\/time-series\?/, async (route) => {
    const answer = await route.fetch(), series = await answer.json();
    for (const row of series.items) row.revenue_minor *= 1000;
    await route.fulfill({ response: answer, json: series });
  });
  await logIn(page, "viewer", `?currency=CZK&${YEAR}`);
  for (const size of [{ width: 1280, height: 800 }, { width: 320, height: 700 }])
    for (const range of [YEAR, "range=30d", "from=2026-05-01&to=2026-05-31"]) {
      await page.setViewportSize(size);
      await page.goto(`${stage.server}/dashboard?currency=CZK&${range}`);
      await ready(page);
      await page.waitForSelector(".plot text");
      assert.deepEqual(await cutLabels(page), [], `${size.width} px, ${range}`);
    }
  await context.close();
});

// Key figures whose text is wider than their card has room for.
const cutFigures = (page) => page.locator(".figures .value").evaluateAll((values) => values.filter((value) => {
  const text = document.createRange();
  text.selectNodeContents(value);
  const { left, right } = text.getBoundingClientRect(), card = value.parentElement, padding = parseFloat(getComputedStyle(card).paddingRight);
  return left < card.getBoundingClientRect().left || right > card.getBoundingClientRect().right - padding + 0.5 || parseFloat(getComputedStyle(value).fontSize) < 11;
}).map((value) => value.textContent));

test("a key figure stands in its card whole, however long the amount is", async () => {
  const { context, page } = await visit();
  let revenue = 0;
  await page.route(/\/summary\?/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), revenue_minor: revenue } });
  });
  await logIn(page, "viewer", `?currency=CZK&${YEAR}`);
  for (revenue of [12_345_678_00, 123_456_00]) {
    await page.reload();
    await ready(page);
    assert.match(await page.locator(".figures .value").first().textContent(), /^CZK.(12,345,678|123,456)$/);
    for (const width of [320, 390, 820, 1281, 1366, 1440, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await cutFigures(page), [], `${width} px`);
    }
  }
  await context.close();
});

test("paths without a place to break stay in a phone's width, and are shown in their letters", async () => {
  const letters = "/каталог/зимняя-распродажа-курток/", slug = `/${"bezmezery".repeat(12)}`;
  const post = (path, body, more) => fetch(`${stage.server}${path}`, { method: "POST", headers: { "content-type": "application/json", ...more }, body: JSON.stringify(body) }).then((answer) => answer.json());
  const arrive = (url) => post("/api/touch", { site: "demo", write_key: "wk_demo", url, consent: { storage: true, marketing: true } }, { origin: stage.site, "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
  const { context, page } = await visit({ viewport: { width: 390, height: 800 } });
  await logIn(page, "viewer");
  for (const path of [letters, slug]) {
    const { anonymous_id, session_id } = await arrive(`${stage.site}${encodeURI(path)}?utm_source=facebook&utm_campaign=${slug.slice(1)}`);
    const { conversion } = await post("/api/conversions", { site: "demo", kind: "purchase", order_id: `path-${path.length}`, amount: "10.00", currency: "EUR", anonymous_id, occurred_at: new Date().toISOString() }, { authorization: `Bearer ${stage.key}` });
    for (const view of [`/conversions/${conversion.id}`, `/sessions/${session_id}`, `/campaigns?by=landing&channel=organic_social&source=facebook&campaign=${slug.slice(1)}`]) {
      await open(page, view);
      assert.ok((await page.locator("main").textContent()).includes(path), `${view} has no ${path}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${view} scrolls sideways`);
    }
  }
  await context.close();
});

test("sessions stay each one row, older ones come, and only the asked days are shown", async () => {
  const { context, page } = await visit();
  await page.clock.install();
  await logIn(page, "viewer", `/sessions?${YEAR}`);
  const links = () => page.locator("tbody th a").evaluateAll((list) => list.map((link) => link.href));
  assert.equal((await links()).length, 50);
  await page.getByRole("button", { name: "Older ones" }).click();
  await until(async () => (await links()).length === 100, "the older ones");
  await page.getByRole("heading", { level: 1 }).click();
  await fetch(`${stage.server}/api/touch`, { method: "POST", headers: { "content-type": "application/json", origin: stage.site }, body: JSON.stringify({ site: "demo", write_key: "wk_demo", url: `${stage.site}/?utm_source=fresh`, consent: { storage: true, marketing: true } }) });
  await until(async () => (await page.clock.fastForward(5000), (await links()).length === 101), "the new session");
  for (let tick = 0; tick < 3; ++tick) await page.clock.fastForward(5000);
  const shown = await links();
  assert.deepEqual([shown.length, new Set(shown).size], [101, 101]);

  const [from, to] = [dayOf(Date.now() - 220 * 864e5), dayOf(Date.now() - 190 * 864e5)];
  const wanted = (await stage.reports.sessions()).filter((session) => dayOf(session.started_at) >= from && dayOf(session.started_at) <= to).length;
  await page.goto(`${stage.server}/dashboard/sessions?from=${from}&to=${to}`);
  await ready(page);
  assert.ok(wanted > 5 && wanted <= 50, String(wanted));
  assert.equal((await links()).length, wanted);
  assert.equal(await page.getByText("fresh every 5 s").count(), 0);
  await context.close();
});

test("what-if runs under the page's own policy, begins with today's figures and moves with its rules", async () => {
  const { context, page, troubles } = await visit();
  await logIn(page, "viewer", `/models?${YEAR}`);
  await page.getByRole("button", { name: "Try it" }).click();
  const panel = page.locator("section", { has: page.getByRole("heading", { name: "What if" }) });
  await panel.getByLabel("Model").waitFor();
  const moved = async () => (await panel.locator(".hbars .sub").allTextContents()).filter((text) => text !== "as today");
  assert.ok((await panel.locator(".hbars li").count()) > 3);
  assert.deepEqual(await moved(), []);
  await panel.getByLabel("Model").selectOption("first_touch");
  assert.ok((await moved()).length > 1);
  await panel.getByRole("button", { name: "As the site has it" }).click();
  assert.deepEqual(await moved(), []);
  await panel.getByLabel(/^Lookback/).fill("1");
  assert.ok((await moved()).length > 1);

  const names = (await yearOf("models-compare")).models;
  assert.ok(names.length > 12, names.join());
  const offered = await panel.getByLabel("Model").locator("option").evaluateAll((list) => list.map((option) => option.value.split(":")[0]));
  assert.deepEqual(offered.toSorted(), names.filter((name) => !name.startsWith("markov")).toSorted());

  // Whatever model is shown: the panel begins with it and with its figures.
  const order = (await stage.reports.conversions()).find((row) => row.kind === "purchase" && row.status === "paid" && row.touches > 2);
  for (const name of ["position", "w_shaped", "shapley", "markov_1_per_conversion"]) {
    await open(page, `/conversions/${order.id}?model=${name}`);
    await panel.getByLabel("Model").waitFor();
    assert.equal((await panel.getByLabel("Model").inputValue()).split(":")[0], name);
    assert.ok((await panel.locator(".hbars li").count()) > 0, name);
    assert.deepEqual(await moved(), [], name);
    assert.equal(await panel.getByLabel(/^Lookback/).isDisabled(), name.startsWith("markov"), name);
  }
  await panel.getByText(/Not to be tried here: Markov/).waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a merge is undone and made again in the view of its order", async () => {
  const { context, page } = await visit();
  await logIn(page, "analyst");
  let order;
  for (const row of await stage.reports.conversions()) {
    const { why } = await stage.reports.conversion(row.id);
    if (why.person.browsers.length === 2 && why.person.ties.every((tie) => tie.state === "joined") && (order = row)) break;
  }
  const browsers = async () => (await stage.reports.conversion(order.id)).why.person.browsers.length;
  await page.goto(`${stage.server}/dashboard/conversions/${order.id}`);
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: /^Cut e-mail/ }).last().click();
  await page.getByRole("button", { name: /^Join again/ }).first().waitFor();
  assert.equal(await browsers(), 1);
  await page.getByRole("button", { name: /^Join again/ }).first().click();
  await page.getByRole("button", { name: /^Join again/ }).waitFor({ state: "detached" });
  assert.equal(await browsers(), 2);
  await context.close();
});

test("what the ads cost comes in as a file, or every wrong line is told", async () => {
  const { context, page } = await visit();
  await logIn(page, "analyst", `/campaigns?site=second&${YEAR}`);
  const file = (text) => page.getByLabel("File", { exact: true }).setInputFiles({ name: "costs.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  const head = "day,channel,source,campaign,amount,currency\n", day = dayOf(Date.now() - 864e5);
  await file(`${head}2026-02-31,paid_search,google,spring,10.00,EUR\n${day},paid_search,google,spring,ten,EUR\n`);
  await page.getByRole("button", { name: "Import" }).click();
  assert.match(await page.getByRole("alert").filter({ hasText: "Line" }).textContent(), /2 lines.*\nLine 2: .*bad_date.*\nLine 3: .*bad_amount/s);
  await file(`${head}${day},paid_search,google,spring,12.50,EUR\n`);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("row").filter({ hasText: "Paid search" }).filter({ hasText: "€12.50" }).waitFor();
  await page.getByText("1 line kept").first().waitFor();

  // A file in words of its own: its columns are on offer, below its title.
  await file(`Spring numbers\nWhen;Which ads;Money out\n${day};Spring, late;7,25\n`);
  await page.getByLabel("Source, if the file has none").fill("openweb");
  await page.getByLabel("Channel, if the file has none").selectOption("display");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("alert").filter({ hasText: "map=day=Datum" }).waitFor();
  for (const [label, column] of [["Day", "When"], ["Campaign", "Which ads"], ["Amount", "Money out"]]) await page.locator("details").getByLabel(label, { exact: true }).selectOption(column);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("row").filter({ hasText: "Display" }).filter({ hasText: "€7.25" }).waitFor();
  await context.close();
});

test("the switcher goes to another site, where what was withheld is tried again", async () => {
  const told = await fetch(`${stage.server}/api/conversions`, { method: "POST", headers: { authorization: `Bearer ${stage.addKey("second")}`, "content-type": "application/json" }, body: JSON.stringify({ site: "second", kind: "purchase", order_id: "s-1", amount: "5.00", currency: "EUR", occurred_at: new Date().toISOString(), email: "jane@example.org" }) });
  assert.equal(told.status, 201);
  const { context, page } = await visit();
  await logIn(page, "analyst", "/deliveries");
  await page.getByText("No destination is configured").waitFor();
  await page.getByLabel("Site").selectOption({ label: "Second Film" });
  await page.waitForURL(/deliveries\?site=second/);
  const retry = page.getByRole("button", { name: "Retry purchase to Meta" });
  await until(async () => (await retry.count()) > 0 || (await page.reload(), false), "what was withheld");
  assert.deepEqual(await withoutFile(page), []);
  const [asked] = await Promise.all([page.waitForResponse((answer) => answer.url().includes("/retry?site=second")), retry.click()]);
  assert.equal(asked.status(), 202);
  await page.getByRole("status").filter({ hasText: "Queued again" }).waitFor({ state: "attached" });
  await context.close();
});

test("by keyboard alone: skip link, shortcuts, sorting, and back", async () => {
  const { context, page } = await visit();
  await page.goto(`${stage.server}/dashboard?${YEAR}`);
  await page.waitForSelector("#email:focus");
  await page.keyboard.type("viewer@film.example");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await ready(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.getByRole("heading", { name: "Paths", level: 1 }).waitFor();
  await ready(page);
  const sorter = page.getByRole("button", { name: "Revenue", exact: true }).first();
  await sorter.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("th[aria-sort]").first().getAttribute("aria-sort"), "descending");
  await page.keyboard.press("[");
  await page.waitForURL(/from=/);
  await page.goBack();
  await page.goBack();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await context.close();
});

test("what is asked stands in one row, also with days of one's own", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", "?from=2026-01-01&to=2026-06-30");
  const row = await page.locator(".bar-top").evaluate((bar) => ({ height: bar.clientHeight, tallest: Math.max(...[...bar.children].map((part) => part.offsetHeight)), cut: bar.scrollWidth - bar.clientWidth }));
  assert.ok(row.height < 2 * row.tallest && row.cut === 0, JSON.stringify(row));
  await context.close();
});

test("the snippet follows what is chosen at once, and keeps it when the list is read again", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", "/install");
  const snippet = page.getByLabel("the snippet", { exact: true });
  assert.doesNotMatch(await snippet.textContent(), /data-(consent|capture|link)/);
  await page.getByLabel("scroll").check();
  await page.getByLabel("video").uncheck();
  await page.getByLabel("Domains that share a visit").fill("shop.example pay.example");
  await page.getByLabel("Consent is").selectOption("region");
  await page.getByRole("button", { name: "Check again" }).click();
  await ready(page);
  for (const part of ['data-consent="auto"', 'data-consent-default="region"', 'data-link-domains="shop.example pay.example"', 'data-capture="page scroll"']) assert.ok((await snippet.textContent()).includes(part), part);
  await context.close();
});

test("below the campaign the table says that costs are not divided, not that there are none", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `/campaigns?by=content&${YEAR}`);
  await page.getByText("Costs are told by campaign").waitFor();
  assert.equal(await page.getByText("No costs are known").count(), 0);
  assert.match(await page.locator("tfoot tr").last().textContent(), /^Total, blended/);
  await open(page, "/campaigns");
  assert.equal(await page.getByText("Costs are told by campaign").count(), 0);
  await context.close();
});

test("every model has its picture, what its picture leaves out as one bar, and days without orders say so", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `/models?${YEAR}`);
  const pictures = page.locator(".model-grid .card");
  const of = (name) => pictures.filter({ has: page.getByRole("heading", { name, exact: true }) });
  const sum = async (name) => (await of(name).locator(".n").allTextContents()).reduce((all, text) => all + (Number(text.replace(/[^\d.]/g, "")) || 0), 0);
  const placed = (await netOfOrders("EUR")).minor / 100;
  for (const name of ["Linear", "Shapley", "First touch"]) assert.ok(Math.abs((await sum(name)) - placed) < 6, name);
  assert.ok((await of("First touch").locator("li").last().textContent()).includes("others"));
  assert.ok((await sum("Participation")) > placed);
  const table = page.getByRole("table", { name: "Revenue by channel and model" });
  assert.equal((await table.locator("tfoot tr").first().locator("th, td").allTextContents()).at(-1), "–");
  assert.ok((await table.locator("tbody td.n").allTextContents()).every((text) => /\.\d\d$/.test(text)), "the points stand below each other");
  await page.goto(`${stage.server}/dashboard/models?from=2020-01-01&to=2020-01-02`);
  await page.getByText("No order to credit in these days").waitFor();
  await context.close();
});

test("campaigns go down step by step and back by the breadcrumb", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `/campaigns?${YEAR}`);
  for (const [link, heading] of [["Paid search", "Sources"], ["google", "Campaigns"], ["brand", "Contents"], [/portrait|landscape|quote/, "Landing pages"]]) {
    await page.getByRole("rowheader").getByRole("link", { name: link }).first().click();
    await page.getByRole("heading", { name: heading, level: 2 }).waitFor();
    await ready(page);
    assert.ok((await page.locator("tbody tr").count()) > 0, heading);
  }
  await page.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "Paid search" }).click();
  await page.getByRole("heading", { name: "Sources", level: 2 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sources", level: 2 }).waitFor();
  await context.close();
});

test("an analyst chooses the default model, a viewer cannot", async () => {
  const { context, page } = await visit();
  await logIn(page, "analyst", `/models?${YEAR}`);
  await page.getByRole("button", { name: "Make default: Linear" }).click();
  await page.locator(".is-default h2", { hasText: "Linear" }).waitFor();
  await context.close();

  const second = await visit();
  await logIn(second.page, "viewer", `/models?${YEAR}`);
  await second.page.locator(".is-default h2", { hasText: "Linear" }).waitFor();
  assert.equal(await second.page.getByRole("button", { name: /^Make default/ }).count(), 0);
  await second.page.goto(`${stage.server}/dashboard/team`);
  await second.page.getByRole("heading", { name: "Your password" }).waitFor();
  assert.equal(await second.page.getByRole("heading", { name: "People" }).count(), 0);
  await second.context.close();
});

test("what the Markov models learned stands beside what it does not say", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `/models?${YEAR}`);
  const learned = page.locator("section", { has: page.getByRole("heading", { name: "What the Markov models learned" }) });
  await learned.waitFor();
  assert.ok((await learned.getByRole("rowheader").count()) > 3);
  assert.match(await learned.textContent(), /converting and [\d,]+ other paths.*Version 1.*does not measure incrementality/s);
  await page.getByRole("heading", { name: "Markov, order 1, per conversion" }).waitFor();
  await context.close();
});

// By model, the amounts of its touches in cents.
const sharesOf = (page) => page.evaluate(() => {
  const cents = (cell) => Math.round(Number((cell.querySelector(".cell-bar > span > span")?.textContent ?? "").replace(/[^\d.-]/g, "")) * 100);
  return [...document.querySelectorAll("[aria-label='Shares by model and touch'] tbody tr")].map((row) => [row.querySelector("th").textContent, [...row.querySelectorAll("td")].reduce((sum, cell) => sum + cents(cell), 0)]);
});

test("an order explains itself: its shares under every model are the order", async () => {
  const { context, page } = await visit({ acceptDownloads: true });
  await logIn(page, "viewer", `/conversions?${YEAR}`);
  await page.getByRole("row").filter({ hasText: "Paid" }).filter({ hasText: "matched by session" }).first().getByRole("link").first().click();
  await page.getByRole("heading", { name: /^Why/ }).waitFor();
  await ready(page);
  const shares = await sharesOf(page);
  const amount = Math.round(Number((await page.locator(".facts .big").first().textContent()).replace(/[^\d.]/g, "")) * 100);
  assert.ok(shares.length > 8);
  for (const [name, sum] of shares) assert.equal(sum, amount, name);
  const lines = await downloaded(page, /^Download as CSV: Shares by model and touch/);
  for (const [name] of shares) assert.equal(cents(lines.filter((line) => line.Model === name), "Credit"), amount, `${name} in the file`);
  assert.ok(lines.every((line) => line.Channel && line.Currency && (/^(Markov|Shapley)/.test(line.Model) === (line.Note !== ""))));
  await context.close();
});

test("an order says which touch holds its lead, which W-shaped and full path reward", async () => {
  let order, holder;
  for (const row of (await stage.reports.conversions()).filter((each) => each.kind === "purchase" && each.touches > 1)) {
    order = await stage.reports.conversion(row.id);
    holder = order.why.path.filter((touch) => touch.eligible).findIndex((touch) => touch.stages.includes("lead"));
    if (holder >= 0) break;
  }
  const { context, page } = await visit();
  await logIn(page, "viewer");
  await page.goto(`${stage.server}/dashboard/conversions/${order.id}`);
  await page.locator(".journey li").filter({ hasText: "Lead made" }).filter({ hasText: `milestone of touch ${holder + 1}` }).waitFor();
  const heads = await page.locator("[aria-label='Shares by model and touch'] thead th").allTextContents();
  assert.deepEqual(heads.map((text) => /Lead$/.test(text)), heads.map((_, index) => index === holder + 1));
  await page.getByText(/W-shaped weigh the first touch/).waitFor();
  // On a phone the table scrolls: no amount leaves its cell.
  await page.setViewportSize({ width: 390, height: 844 });
  const outside = await page.locator("[aria-label='Shares by model and touch'] td").evaluateAll((cells) => cells.filter((cell) => {
    const text = cell.querySelector(".cell-bar > span")?.getBoundingClientRect();
    return text && text.left < cell.getBoundingClientRect().left;
  }).length);
  assert.equal(outside, 0);
  await context.close();
});

test("of a refunded order what is left is shown and tried, and the refund stands in its journey", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer");
  const matched = (await stage.reports.conversions()).filter((row) => row.kind === "purchase" && row.currency === "EUR" && row.touches > 0);
  for (const status of ["partially_refunded", "refunded"]) {
    const order = matched.find((row) => row.status === status);
    const left = order.amount_minor - order.refunded_minor;
    await page.goto(`${stage.server}/dashboard/conversions/${order.id}`);
    const panel = page.locator("section", { has: page.getByRole("heading", { name: "What if" }) });
    await panel.getByLabel("Model").waitFor();
    assert.match(await page.locator(".journey li").last().textContent(), new RegExp(`Refunded ${euros(order.refunded_minor)}.*${euros(left)} left`));
    for (const [name, sum] of await sharesOf(page)) assert.equal(sum, left, `${status} ${name}`);
    if (left === 0) continue;
    const tried = await panel.locator(".hbars .n > span").evaluateAll((list) => list.map((part) => Number(part.firstChild.textContent.replace(/[^\d.]/g, ""))));
    assert.equal(Math.round(tried.reduce((sum, value) => sum + value, 0) * 100), left);
  }
  await context.close();
});

test("an order in another currency is tried under other rules in its own", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer");
  const order = (await stage.reports.conversions()).find((row) => row.currency === "CZK" && row.touches > 0);
  await page.goto(`${stage.server}/dashboard/conversions/${order.id}`);
  const panel = page.locator("section", { has: page.getByRole("heading", { name: "What if" }) });
  await panel.getByLabel("Model").waitFor();
  const shown = await panel.locator(".hbars").textContent();
  assert.match(shown, /CZK/);
  assert.doesNotMatch(shown, /€/);
  await context.close();
});

test("a bot's order says that it is one, and an ad that was seen only that it was", async () => {
  const post = async (path, body, headers = {}) => (await fetch(stage.server + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ site: "demo", ...body }) })).json();
  const bearer = { authorization: `Bearer ${stage.key}` };
  const robot = await post("/api/touch", { write_key: "wk_demo", url: `${stage.site}/?utm_source=robots`, consent: { storage: true, marketing: true } }, { origin: stage.site, "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" });
  await post("/api/conversions", { kind: "purchase", order_id: "robot-1", amount: "7.00", currency: "EUR", occurred_at: Date.now(), session_id: robot.session_id }, bearer);
  // Only of somebody who permits marketing; who of the seeded buyers does depends on the day.
  const buyers = (await stage.reports.conversions()).filter((row) => row.touches === 1 && row.anonymous_id && row.kind === "purchase" && row.last_touch.kind === "click");
  const isKept = async (buyer) => (await post("/api/views", { views: [{ id: "test", anonymous_id: buyer.anonymous_id, t: Date.parse(buyer.occurred_at) - 1000, source: "openweb", medium: "display" }] }, bearer)).accepted === 1;
  let order;
  for (const buyer of buyers) {
    if (!(await isKept(buyer))) continue;
    order = buyer;
    break;
  }

  const { context, page } = await visit();
  await logIn(page, "viewer", `/conversions?${YEAR}`);
  const row = page.getByRole("row").filter({ hasText: "robot-1" });
  await row.getByTitle(/no channel gets credit/).first().waitFor();
  assert.ok(order, `none of ${buyers.length} buyers permits marketing`);
  await page.goto(`${stage.server}/dashboard/conversions/${order.id}`);
  await page.locator(".journey li").filter({ hasText: "Display Seen" }).waitFor();
  await context.close();
});

test("Live shows an event, a refusal and what it says of them the moment they arrive", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", "/live");
  await page.getByText("listening").waitFor();
  const send = (origin) => fetch(`${stage.server}/api/touch`, { method: "POST", headers: { "content-type": "application/json", origin }, body: JSON.stringify({ site: "demo", write_key: "wk_demo", url: `${stage.site}/?utm_source=google&utm_medium=cpc&utm_campaign=live-test`, consent: { storage: true, marketing: true } }) });
  await send(stage.site);
  const row = page.getByRole("row").filter({ hasText: "Page view" }).first();
  await row.waitFor();
  assert.match(await row.textContent(), /Paid search.*Server/s);
  await send("https://elsewhere.example");
  await page.getByRole("row").filter({ hasText: "Rejected" }).first().waitFor();

  await stage.stopServer();
  await page.getByText("reconnecting").waitFor();
  await stage.startServer();
  await page.getByText("listening").waitFor();
  await page.getByRole("row").filter({ hasText: "Some that arrived in between" }).waitFor();
  await send("https://elsewhere.example");
  await until(async () => (await page.getByRole("row").filter({ hasText: "Rejected" }).count()) === 2, "what comes after a restart");
  await context.close();
});

// A downloaded CSV as rows by heading.
async function downloaded(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
  const cells = (line) => [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) => cell.replace(/^"|"$/g, ""));
  const text = readFileSync(await download.path(), "utf8");
  assert.doesNotMatch(text, /(^|,)[=+@]/m, "a spreadsheet would run it");
  const [head, ...rows] = text.trimEnd().split("\r\n").map(cells);
  const list = rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell])));
  return Object.assign(list, { file: download.suggestedFilename() });
}
const cents = (rows, column) => Math.round(rows.reduce((sum, row) => sum + Number(row[column]), 0) * 100);

test("refused input is sent through its door again", async () => {
  const { context, page } = await visit({ acceptDownloads: true });
  await logIn(page, "analyst", "/deliveries");
  const row = page.getByRole("row").filter({ hasText: "foreign_origin" }).first();
  assert.ok((await downloaded(page, /^Download as CSV: Refused input/)).some((each) => each.Code === "foreign_origin"));
  await row.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("row").filter({ hasText: /foreign_origin.*403 foreign_origin/ }).waitFor();
  await context.close();
});

test("the files hold the very amounts, in whole money and with their currency", async () => {
  const { context, page } = await visit({ acceptDownloads: true });
  await logIn(page, "viewer", `?${YEAR}`);
  const channels = await downloaded(page, /^Download as CSV: Channels/);
  assert.ok(channels.every((row) => row.Currency === "EUR"));
  assert.equal(cents(channels, "Revenue"), (await netOfOrders("EUR")).minor);
  await page.getByText("Show as table").click();
  assert.equal(cents(await downloaded(page, /^Download as CSV: By day/), "Revenue"), (await netOfOrders("EUR")).minor);
  await open(page, "/conversions");
  const all = await page.locator("tbody tr").count();
  await page.getByRole("button", { name: "Older ones" }).click();
  await page.waitForFunction((before) => document.querySelectorAll("tbody tr").length > before, all);
  const told = await stage.reports.conversions();
  assert.ok(told.length > 100, "more than a page");
  await open(page, "/conversions");
  assert.equal((await downloaded(page, /^Download as CSV: Conversions/)).length, told.filter((row) => isShown(row.occurred_at)).length);
  await open(page, "/sessions");
  assert.equal((await downloaded(page, /^Download as CSV: Sessions/)).length, (await stage.reports.sessions()).filter((row) => isShown(row.started_at)).length);
  await open(page, "/conversions?kind=purchase");
  const orders = await downloaded(page, /^Download as CSV: Conversions/);
  const placed = new Map(told.map((row) => [row.order_id, row]));
  assert.ok(orders.length > 20 && new Set(orders.map((row) => row.Currency)).size > 1, "orders of two currencies");
  for (const row of orders) {
    const { amount_minor, currency, occurred_at } = placed.get(row.Order);
    assert.deepEqual([Math.round(row.Amount * 100), row.Currency, row.Date], [amount_minor, currency, occurred_at], row.Order);
  }
  await context.close();
});

test("a file of credits says by which model, of what alone, and what data-driven figures are no measure of", async () => {
  const { context, page } = await visit({ acceptDownloads: true });
  await logIn(page, "viewer", `?${YEAR}`);
  const NOTE = /[Dd]escribes observed paths, does not measure incrementality/;
  const saved = async (path, name) => {
    await open(page, path);
    return downloaded(page, name);
  };
  const linear = await saved("?model=linear", /^Download as CSV: Channels/), shapley = await saved("?model=shapley", /^Download as CSV: Channels/);
  assert.deepEqual([linear[0].Model, linear[0].Note, shapley[0].Model], ["Linear", undefined, "Shapley"]);
  assert.ok(shapley.every((row) => NOTE.test(row.Note)));
  assert.match(linear.file, /^throughline-channel-linear-\d{4}/);
  assert.match(shapley.file, /^throughline-channel-shapley-\d{4}/);
  const sources = await saved("/campaigns?channel=paid_search&model=markov_1_per_conversion", /^Download as CSV: Sources/);
  assert.ok(sources.length > 1 && sources.every((row) => row["Of channel"] === "Paid search" && /^Markov, order 1/.test(row.Model) && NOTE.test(row.Note)));
  assert.match(sources.file, /^throughline-source-markov-1-per-conversion-paid-search-\d{4}/);
  for (const name of [/^Download as CSV: Revenue by channel and model/, /^Download as CSV: Removal effects/]) assert.ok((await saved("/models", name)).every((row) => NOTE.test(row.Note)), String(name));
  await context.close();
});

test("a login that ended elsewhere leads back to the door", async () => {
  const { context, page } = await visit();
  await logIn(page, "viewer", `?${YEAR}`);
  await context.clearCookies();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await context.close();
});

test("the server's own word: what was done stands in the audit log", async () => {
  const { context, page } = await visit();
  await logIn(page, "owner", "/team");
  await until(async () => (await page.getByRole("row").filter({ hasText: "Login" }).count()) > 0, "the log of logins");
  assert.ok((await page.getByRole("row").filter({ hasText: "Model changed" }).count()) > 0);
  await context.close();
});
