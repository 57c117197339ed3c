// SPDX-License-Identifier: Apache-2.0
// What `throughline` says to who mistypes a sub-command. Usage: node command_line.mjs THROUGHLINE
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

const program = process.argv[2];
const WRONG = [
  [["serv"], /^There is no sub-command 'serv'; did you mean 'serve'\?$/m],
  [["--config", "x.toml", "chek-config"], /did you mean 'check-config'\?$/m],
  [["key", "ad"], /^There is no sub-command 'ad'; did you mean 'add'\?$/m],
  [["zebra"], /^There is no sub-command 'zebra'\.$/m],
  [[], /^A subcommand is required/],
];
for (const [words, says] of WRONG) {
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8" });
  assert.equal(status, 2, words.join(" "));
  assert.match(stderr, says);
}
