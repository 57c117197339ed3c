// SPDX-License-Identifier: Apache-2.0
// Nothing that the documentation shows escapes its test: each language has one, and what none can run is listed.
import assert from "node:assert/strict";
import { test } from "node:test";
import parser from "php-parser";
import { blocks, blocksOf, pages, placeOf, proseOf } from "./blocks.mjs";

// Which test has the blocks of a language.
const kTests = {
  toml: "config.test.mjs", nginx: "config.test.mjs",
  sh: "commands.test.mjs", json: "http.test.mjs",
  php: "here, and what it prints: tests/packages/docs.test.mjs",
  ...Object.fromEntries(["html", "js"].map((language) => [language, "tests/packages/docs.test.mjs"])),
  ...Object.fromEntries(["ts", "tsx", "svelte", "vue"].map((language) => [language, "tests/packages/snippets.test.mjs"])),
};

// What nothing can run: the page, how the block begins, and why.
const kShownOnly = [
  ["README.md", "  ad click", "a drawing"],
  ["README.md", "apt-get update", "needs root; runtime_packages.mjs holds its list"],
  ["ARCHITECTURE.md", "browser ", "a drawing"],
  ["docs/attribution.md", "RE(g) = 1", "a formula"],
  ["docs/attribution.md", "RE(g) · P", "a formula"],
];

test("every block is of a language that a test has, or is listed with the reason why not", () => {
  const shown = blocks.filter(({ language }) => !kTests[language]);
  for (const block of shown)
    assert.ok(
      kShownOnly.some(([page, start]) => block.page == page && block.code.startsWith(start)),
      `${placeOf(block)}: no test knows ${block.language || "a block without a language"}`,
    );
  assert.equal(shown.length, kShownOnly.length, "a block of the list is gone: take its line away");
});

test("no code is shown by indentation alone, where no test would find it", () => {
  for (const page of pages)
    proseOf(page).split("\n").forEach((line, i, lines) =>
      assert.ok(!(/^ {4}\S/.test(line) && lines[i - 1]?.trim() == "" && !/^ *([-*]|\d+\.) /.test(line)), `${page}:${i + 1}: fence this block: ${line.trim()}`));
});

test("PHP is PHP", () => {
  const php = new parser.Engine({ parser: { extractDoc: false }, ast: { withPositions: true } });
  for (const block of blocksOf("php")) assert.doesNotThrow(() => php.parseEval(block.code), placeOf(block));
});
