// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { columnNames, columnsOf } = await bundled("cost_columns.ts");

test("the columns on offer are those of the header, below whatever titles", () => {
  assert.deepEqual(columnNames("Datum;Kampagne;Kosten\n21.09.2026;Herbst;12,50\n"), ["Datum", "Kampagne", "Kosten"]);
  assert.deepEqual(columnNames('Campaign report\n"September 1, 2026"\nDay\tCampaign\tCost\n2026-09-01\tAutumn, warm\t1,200.50\n'), ["Day", "Campaign", "Cost"]);
  assert.deepEqual(columnNames('"Cost, EUR",Day,,Day\n1,2026-09-01,,\n'), ["Cost, EUR", "Day"]);
  assert.deepEqual(columnNames(""), []);
  assert.deepEqual(columnNames("one word\nanother\n"), []);
});

test("a spreadsheet's UTF-16 is read like UTF-8", async () => {
  const text = "Den;Kampaň;Útrata\n1;2;3\n";
  for (const [encoding, mark] of [["utf8", ""], ["utf16le", "\ufeff"]]) assert.deepEqual(await columnsOf(new Blob([Buffer.from(mark + text, encoding)])), ["Den", "Kampaň", "Útrata"], encoding);
});
