// SPDX-License-Identifier: Apache-2.0
// The guide of the consent platforms knows each that the script reads, by its name in receipts, with the very
// names of its categories.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, textOf } from "./blocks.mjs";

const kFolder = join(root, "sdk-wasm/loader/platforms");
const sources = readdirSync(kFolder).map((file) => readFileSync(join(kFolder, file), "utf8"));
const [storageNames, marketingNames] = ["kUsualStorage", "kUsualMarketing"].map((name) => sources.map((text) => new RegExp(`export const ${name} = "([^"]*)"`).exec(text)?.[1]).find(Boolean));

const platforms = sources.flatMap((text) => {
  const [, name] = /: Platform = \{\s*name: "([^"]+)"/.exec(text) ?? [];
  const [, storage, marketing] = /byCategory\(\s*options,\s*("[^"]*"|kUsualStorage),\s*("[^"]*"|kUsualMarketing)/.exec(text) ?? [];
  const wordsOf = (given, usual) => (given ? (given.startsWith('"') ? given.slice(1, -1) : usual).split(/[ |]/) : []);
  return name ? [{ name, words: [...wordsOf(storage, storageNames), ...wordsOf(marketing, marketingNames)] }] : [];
});

const sections = textOf("docs/consent-platforms.md").split(/^## /m).slice(1);
const sectionOf = (name) => sections.find((section) => section.includes(`platform \`${name}\``));

test("every platform that is read has its section, with its categories", () => {
  assert.equal(platforms.length, 20);
  for (const { name, words } of platforms) {
    const section = sectionOf(name);
    assert.ok(section, `docs/consent-platforms.md has no section whose receipts say \`${name}\``);
    const said = /as Klaro's|Klaro's services/.test(section) ? section + sectionOf("klaro") : section;
    for (const word of words) assert.ok(said.includes(`\`${word}\``), `${name}: its section does not name \`${word}\``);
  }
});

test("every section says what is read, what counts, what to set and how to check it", () => {
  for (const section of sections.filter((section) => section.includes("platform `") && !section.startsWith("Check it") && !section.startsWith("A banner")))
    for (const part of ["**Read**", "**Storage**", "**Set**", "**Check**"]) assert.ok(section.includes(part), `${section.split("\n")[0]}: no ${part}`);
});
