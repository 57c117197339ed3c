// SPDX-License-Identifier: Apache-2.0
// Answers of a line-by-line command of the server's binary ("classify", "webhook explain"): one for
// each line, in order.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const binary = process.env.THROUGHLINE_BINARY ?? fileURLToPath(new URL("../../build/release/throughline", import.meta.url));

export function commandLines(command, lines) {
  const input = lines.map((line) => `${line}\n`).join("");
  const output = execFileSync(binary, [...command.split(" "), "-"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  const answers = output.trimEnd().split("\n").map((line) => JSON.parse(line));
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} lines`);
  return answers;
}
