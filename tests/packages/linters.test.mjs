// SPDX-License-Identifier: Apache-2.0
// What the registry's own linters say of the package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { install } from "./package_under_test.mjs";

const { tarball, installed } = install();
const manifest = JSON.parse(readFileSync(`${installed}/package.json`, "utf8"));

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

test("types fit in every way of resolving that knows exports", async () => {
  const files = createPackageFromTarballData(new Uint8Array(readFileSync(tarball)));
  const excludeEntrypoints = ["./throughline.js", "./throughline.compat.js", "./throughline.wasm"];
  const { problems, entrypoints } = await checkPackage(files, { excludeEntrypoints });
  assert.equal(Object.keys(entrypoints).length, Object.keys(manifest.exports).length - excludeEntrypoints.length);
  // The old resolution of Node 10 knows the main entry alone.
  assert.deepEqual(problems.filter(({ resolutionKind }) => resolutionKind != "node10"), []);
});
