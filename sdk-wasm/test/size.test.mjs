// SPDX-License-Identifier: Apache-2.0
// The gate of the files' sizes, and of the page that accounts for them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { coreParts, loaderParts } from "../size-parts.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const budget = JSON.parse(readFileSync(here("../size-budget.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "size-"));
after(() => rmSync(folder, { recursive: true }));

// What SIZE.md tells, as a build of these sizes would.
const told = () =>
  Object.fromEntries(
    [...readFileSync(here("../SIZE.md"), "utf8").matchAll(/^\| ([\w.]+(?: alone)?) \| ([\d,]+) \| ([\d,]+) \| [\d,]* \|$/gm)]
      .map(([, part, ...figures]) => [part, figures.map((text) => +text.replaceAll(",", ""))])
      .map(([part, [raw, brotli]]) => [part, { raw, brotli }]),
  );
const check = (change) => {
  const sizes = told();
  change(sizes);
  writeFileSync(join(folder, "sizes.json"), JSON.stringify(sizes));
  const { status, stdout } = spawnSync(process.execPath, [here("../check-size.mjs"), join(folder, "sizes.json")], { encoding: "utf8" });
  return [status, /over by \d+|SIZE.md tells otherwise/.exec(stdout)?.[0]];
};

test("files within their gates, of which the page tells, pass", () => {
  assert.deepEqual(Object.keys(told()).filter((part) => budget[part]), Object.keys(budget));
  assert.deepEqual(check(() => {}), [0, undefined]);
});

test("a file above its gate fails by its bytes", () => {
  assert.deepEqual(check((sizes) => (sizes["throughline.js"].brotli = budget["throughline.js"] + 3)), [1, "over by 3"]);
});

test("a page that tells of another build fails", () => {
  assert.deepEqual(check((sizes) => sizes["throughline.x.js"].raw++), [1, "SIZE.md tells otherwise"]);
  assert.deepEqual(check((sizes) => (sizes["loader alone"].brotli += 100)), [1, "SIZE.md tells otherwise"]);
  assert.deepEqual(check((sizes) => (sizes["a new file"] = { raw: 1, brotli: 1 })), [1, "SIZE.md tells otherwise"]);
});

test("every construct says why no other file can hold it", () => {
  for (const [construct, , why] of [...coreParts, ...loaderParts]) assert.ok(why.length > 10, construct);
});
