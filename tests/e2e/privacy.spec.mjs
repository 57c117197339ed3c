// SPDX-License-Identifier: Apache-2.0
// What a person may ask for, by the owner's hands: the dashboard's Privacy page on the real server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openStage } from "./opened_stage.mjs";

const PASSWORD = "a password for tests";
const ANN = "ann.privacy@film.example";
const { stage, browser } = await openStage({ quiet: true });
for (const role of ["owner", "analyst"]) stage.addUser(`${role}@film.example`, role, PASSWORD);

const buy = async (orderId, email) => {
  const body = { site: "demo", kind: "purchase", order_id: orderId, amount: "25.00", currency: "EUR", occurred_at: new Date().toISOString(), email };
  const reply = await fetch(`${stage.server}/api/conversions`, { method: "POST", headers: { authorization: `Bearer ${stage.key}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.equal(reply.status, 201, await reply.text());
};

async function privacyPageOf(t, role) {
  const context = await browser.newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.goto(`${stage.server}/dashboard/privacy`);
  await page.getByLabel("E-mail").fill(`${role}@film.example`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Privacy", level: 1 }).waitFor();
  return page;
}

// Fills the form and presses its button; `isSure` answers the question that follows, whose words come back.
async function press(page, name, person, isSure) {
  const form = page.locator("form").filter({ has: page.getByRole("button", { name, exact: true }) });
  await form.getByLabel("Named by").selectOption("email");
  await form.getByLabel("Person").fill(person);
  const asked = isSure === undefined ? undefined : page.waitForEvent("dialog");
  const clicked = form.getByRole("button", { name, exact: true }).click();
  const dialog = await asked;
  const words = dialog?.message();
  await (isSure ? dialog?.accept() : dialog?.dismiss());
  await clicked;
  return words;
}
const exported = async (page, person) => {
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Export", person)]);
  assert.equal(file.suggestedFilename(), "throughline-person.json");
  return JSON.parse(readFileSync(await file.path(), "utf8"));
};

test("an owner exports a person, and erases her after one more question", async (t) => {
  await buy("o-ann", ANN);
  await buy("o-bob", "bob.privacy@film.example");
  const page = await privacyPageOf(t, "owner");

  assert.deepEqual((await exported(page, ANN)).orders.map((order) => order.order_id ?? order.reference), ["o-ann"]);

  assert.match(await press(page, "Erase", ANN, false), /^Erase .*1 orders?.*cannot be undone/);
  await page.getByText("Nothing was erased").waitFor({ state: "attached" });
  assert.equal((await exported(page, ANN)).orders.length, 1);

  await press(page, "Erase", ANN, true);
  await page.getByText(/^Erased: .*1 orders?.*Receipt \d+\./).waitFor();
  assert.deepEqual((await exported(page, ANN)).orders, []);
  // The other one's order, and both in the reports, stay.
  assert.equal((await exported(page, "bob.privacy@film.example")).orders.length, 1);
  assert.deepEqual((await stage.reports.conversions()).map(({ amount_minor }) => amount_minor), [2500, 2500]);
  assert.match(stage.command("audit"), /what the evidence says/);
});

test("what is nobody's name is told at its form, and nothing is erased", async (t) => {
  const page = await privacyPageOf(t, "owner");
  await press(page, "Erase", "no address");
  await page.locator("form [role=alert]").filter({ hasText: /.+/ }).waitFor();
});

test("an analyst finds neither button", async (t) => {
  const page = await privacyPageOf(t, "analyst");
  for (const name of ["Erase", "Export"]) assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0);
});
