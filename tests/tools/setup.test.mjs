// SPDX-License-Identifier: Apache-2.0
// What tools/setup tells who may not install packages, and who has another system. Nothing is installed:
// the programs that it would call are stand-ins.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const setup = fileURLToPath(new URL("../../tools/setup", import.meta.url));
const room = mkdtempSync(join(tmpdir(), "throughline-setup-"));
after(() => rmSync(room, { recursive: true }));
const stand_in = (name, text) => {
  writeFileSync(join(room, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(room, name), 0o755);
};
stand_in("id", "echo 1000");
stand_in("sudo", "exit 1");
stand_in("dpkg-query", "exit 1"); // nothing is installed
stand_in("apt-get", "exit 1");
stand_in("node", "exit 1"); // and Node is too old
const run = (system) => {
  writeFileSync(join(room, "os-release"), `ID=${system}\n`);
  return spawnSync(setup, { encoding: "utf8", env: { ...process.env, PATH: `${room}:${process.env.PATH}`, OS_RELEASE: join(room, "os-release") } });
};

test("without root one line installs everything, Node among it", () => {
  const { status, stderr } = run("debian");
  assert.equal(status, 1);
  assert.match(stderr, /As root, run: apt-get update && apt-get install --no-install-recommends build-essential .* chromium-headless-shell .* nodejs npm\n/);
});

test("another system than Debian is told so at once", () => {
  const { status, stderr } = run("ubuntu");
  assert.equal(status, 1);
  assert.match(stderr, /tools\/setup knows Debian alone/);
});
