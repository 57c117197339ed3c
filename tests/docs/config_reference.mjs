// SPDX-License-Identifier: Apache-2.0
// docs/configuration.md is what the program prints. Usage: node config_reference.mjs PROGRAM
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const printed = execFileSync(process.argv[2], ["config-reference"], { encoding: "utf8" });
const committed = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
if (printed !== committed) {
  console.error("docs/configuration.md is out of date: throughline config-reference > docs/configuration.md");
  process.exit(1);
}
