// SPDX-License-Identifier: Apache-2.0
// What tools/demo fills its server with: a past, and a last day that is like the days before it, with somebody there
// just now and something to see in Live.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startStage } from "./stage.mjs";

const SEED = fileURLToPath(new URL("../../tools/seed", import.meta.url));
const DAY = 864e5, DAYS = 24;

// What Live shows to somebody who opens it now.
async function liveNow(stage) {
  const leave = new AbortController();
  const answer = await fetch(`${stage.server}/api/live?site=demo`, { headers: { authorization: `Bearer ${stage.key}` }, signal: leave.signal });
  let text = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("data: ")) break;
  }
  leave.abort();
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json));
}

test("the last day of the demo is like the days before it, somebody is there, and Live has what came", async () => {
  const stage = await startStage({ quiet: true });
  try {
    const seed = (...options) => promisify(execFile)(process.execPath, [SEED, "--server", stage.server, "--key", stage.key, "--page", stage.site, "--quiet", ...options]);
    const now = Date.now();
    await seed("--days", String(DAYS + 6), "--size", String(Math.round((3000 / 365) * (DAYS + 6))), "--until", new Date(now - DAY).toISOString());
    await seed("--recent");
    const [conversions, sessions] = await Promise.all([stage.reports.conversions(), stage.reports.sessions()]);
    const daily = (moments) => Array.from({ length: DAYS }, (_, day) => moments.filter((moment) => Math.floor((now - Date.parse(moment)) / DAY) === day).length);
    for (const [name, moments] of [["visits", sessions.map((row) => row.started_at)], ...["purchase", "lead"].map((kind) => [kind, conversions.filter((row) => row.kind === kind).map((row) => row.occurred_at)])]) {
      const [last, ...before] = daily(moments);
      assert.ok(last >= Math.min(...before) && last <= Math.max(...before) && last > 0, `${name}: ${last}, and before it ${before}`);
    }
    assert.ok(sessions.some((row) => row.ended_at === null), "an open session");
    const live = await liveNow(stage);
    for (const verdict of ["rejected", "accepted"]) assert.ok(live.some((entry) => entry.verdict === verdict), verdict);
    assert.ok(live.filter((entry) => entry.name === "page_view").length > 10);
  } finally {
    await stage.stop();
  }
});
