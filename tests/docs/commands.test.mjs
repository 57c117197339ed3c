// SPDX-License-Identifier: Apache-2.0
// Shell that the documentation shows runs, beside the server that README.md starts. What running text names of
// sub-commands, options and tools is there.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { blocks, blocksOf, placeOf, root, spans } from "./blocks.mjs";
import { binary, kWrittenSite, startAsWritten, startingBlock } from "./served.mjs";

// What the blocks of the tools themselves do, tools/test does.
const isOfTools = ({ code }) => /^tools\//m.test(code);

let served;
before(async () => (served = await startAsWritten()));
after(() => served?.stop());

/** The help of a sub-command; "" where there is none. */
const helps = new Map();
const helpOf = (words) => {
  const name = words.join(" ");
  if (!helps.has(name)) {
    const { status, stdout } = spawnSync(binary, [...words, "--help"], { encoding: "utf8" });
    helps.set(name, status == 0 ? stdout : "");
  }
  return helps.get(name);
};
const hasSubcommand = (help, word) => /^[a-z][a-z-]*$/.test(word) && new RegExp(`^\\s+${word}\\s`, "m").test(help.split(/subcommands:/i)[1] ?? "");

const checkCommand = (text, where) => {
  const words = text.trim().split(/\s+/);
  const chain = [];
  while (words.length && hasSubcommand(helpOf(chain), words[0])) chain.push(words.shift());
  assert.ok(chain.length, `${where}: throughline has no sub-command ${words[0]}`);
  for (const [, option] of text.matchAll(/(?<![\w-])(--[a-z][a-z-]*)/g))
    assert.match(helpOf(chain), new RegExp(`(^|[\\s,])${option}\\b(?!-)`, "m"), `${where}: throughline ${chain.join(" ")} has no ${option}`);
};

const checkTool = (text, where) => {
  const [tool, ...words] = text.replace(/#.*/, "").trim().split(/\s+/);
  assert.ok(existsSync(join(root, tool)), `${where}: there is no ${tool}`);
  for (const word of words) {
    const option = /^\[?(--[a-z-]+)/.exec(word)?.[1];
    if (option) assert.ok(readFileSync(join(root, tool), "utf8").includes(option.replace(/^--/, "")), `${where}: ${tool} knows no ${option}`);
  }
};

test("sub-commands, options and tools that running text names are there", () => {
  let commands = 0;
  for (const span of spans.filter(({ code }) => /throughline |^… key |^tools\//.test(code))) {
    const command = /^(?:build\/release\/|…\/|\S+\/bin\/)?throughline ([a-z][a-z-]*\b.*)$/.exec(span.code)?.[1] ?? /^… (key add .*)$/.exec(span.code)?.[1];
    if (command) commands += 1;
    if (command) checkCommand(command, placeOf(span));
    if (span.code.startsWith("tools/")) checkTool(span.code, placeOf(span));
  }
  assert.ok(commands > 30, `only ${commands} commands were found`);
});

for (const block of blocksOf("sh"))
  test(`${placeOf(block)}: ${isOfTools(block) ? "its tools are there" : "runs"}`, async () => {
    execFileSync("bash", ["-n"], { input: block.code });
    if (isOfTools(block)) {
      const lines = block.code.split("\n").filter(Boolean);
      for (const line of lines) {
        if (line.startsWith("tools/")) checkTool(line.replace(/\[[^-\]][^\]]*\]/g, ""), placeOf(block));
        else assert.fail(`${placeOf(block)}: is no tool: ${line}`);
      }
    } else if (block != startingBlock) {
      // that one runs already
      await prepare(block);
      const told = served.shell(block.code.replaceAll("SESSION", sessionId));
      await compareAnswers(block, told);
    }
  });

test("the server that README.md starts is the one that answers", async () => {
  assert.deepEqual(await (await fetch(`${served.url}/readyz`)).json(), { status: "ready" });
});

// What a block reads: the files that it names, and the session of a visit that has come by an ad.
const kBrowser = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0";
let sessionId = "";
const prepare = async (block) => {
  if (block.code.includes("FILE.csv"))
    writeFileSync(join(served.folder, "FILE.csv"), "path,total_conversions,total_conversion_value,total_null\nemail > paid_search,2,20,1\n");
  if (block.code.includes("FILE.ndjson")) writeFileSync(join(served.folder, "FILE.ndjson"), exchangeAfter(block).code.split("\n")[0] + "\n");
  if (block.code.includes("SESSION")) {
    const touch = { site: "shop", write_key: "wk_shop", url: `${kWrittenSite}/?gclid=abc`, consent: { storage: true, marketing: true } };
    const { body } = await served.post("/api/touch", touch, { origin: kWrittenSite, "user-agent": kBrowser });
    sessionId = body.session_id;
    assert.ok(sessionId, JSON.stringify(body));
  }
};

const exchangeAfter = (block) => blocks.slice(blocks.indexOf(block) + 1).find(({ page, language }) => page == block.page && language == "json");

// Of what a page shows as an answer every member is in the real one; "…" stands for whatever text.
const assertShows = (shown, real, where) => {
  if (shown && typeof shown == "object" && !Array.isArray(shown)) {
    for (const [name, value] of Object.entries(shown)) assertShows(value, real?.[name], `${where}.${name}`);
  } else if (typeof shown == "string" && shown.includes("…")) assert.equal(typeof real, "string", where);
  else assert.deepEqual(real, shown, where);
};

const compareAnswers = async (block, told) => {
  const next = blocks[blocks.indexOf(block) + 1];
  if (next?.page != block.page || next.about != "answer") return;
  assertShows(JSON.parse(next.code), JSON.parse(told), placeOf(next));
};

test("lines of JSON that a command answers are answered so", () => {
  const exchanges = blocksOf("json").filter(({ about }) => about.startsWith("throughline "));
  assert.ok(exchanges.length);
  for (const block of exchanges) {
    const [given, ...wanted] = block.code.trim().split("\n");
    writeFileSync(join(served.folder, "given"), given + "\n");
    const told = served.shell(`command ${block.about} < given`).trim().split("\n");
    assert.deepEqual(told.map((line) => JSON.parse(line)), wanted.map((line) => JSON.parse(line)), placeOf(block));
  }
});

test("a lead moves on as its page says", async () => {
  const block = blocksOf("json").find(({ about, code }) => about == "POST /api/webhook/lead" && code.includes("lead_id"));
  const headers = { authorization: `Bearer ${served.key}` };
  const { body: lead } = await served.post("/api/webhook/lead", { email: "someone@mail.example", form_type: "stages" }, headers);
  const moved = await served.post("/api/webhook/lead", { ...JSON.parse(block.code), lead_id: lead.lead_id }, headers);
  assert.deepEqual([moved.status, moved.body.lead_id, moved.body.stage], [201, lead.lead_id, "opportunity"]);
});
