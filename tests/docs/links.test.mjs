// SPDX-License-Identifier: Apache-2.0
// Every relative link of the documentation leads to a file or folder that is kept, every anchor to a heading.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { pages, proseOf, root } from "./blocks.mjs";

const kept = new Set(execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 }).split("\n"));
const folders = new Set([...kept].flatMap((file) => file.split("/").slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join("/"))));

// As the sites that show Markdown make them: lower case, without punctuation, blanks as dashes, a number for the next of the same.
const anchorsOf = (page) => {
  const seen = new Map();
  return new Set(
    proseOf(page).split("\n").flatMap((line) => {
      const [, heading] = /^#{1,6} +(.*?) *#* *$/.exec(line) ?? [];
      if (heading === undefined) return [];
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
      const slug = plain.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return [before ? `${slug}-${before}` : slug];
    }),
  );
};

// What names a file in code spans is no link; links in fenced blocks are the visitor's.
const linksOf = (page) => [...proseOf(page).replace(/`[^`\n]*`/g, "``").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);

test("every relative link and anchor leads somewhere", () => {
  let followed = 0;
  const broken = [];
  for (const page of pages)
    for (const target of linksOf(page)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const file = path ? normalize(join(dirname(page), path)).replace(/\/$/, "") : page;
      followed += 1;
      if (!kept.has(file) && !folders.has(file)) broken.push(`${page}: no file ${target}`);
      else if (anchor !== undefined && !(file.endsWith(".md") && anchorsOf(file).has(anchor))) broken.push(`${page}: no heading ${target}`);
    }
  assert.deepEqual(broken, []);
  assert.ok(followed > 100, `only ${followed} links were found`);
});

test("every page of the documentation is reached from README.md", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached)
    for (const target of linksOf(page)) {
      const file = normalize(join(dirname(page), target.split("#")[0])).replace(/\/$/, "");
      for (const found of [file, `${file}/README.md`]) if (pages.includes(found)) reached.add(found);
    }
  assert.deepEqual(pages.filter((page) => page.startsWith("docs/") && !reached.has(page)), []);
});
