// SPDX-License-Identifier: Apache-2.0
// What the documentation shows: every fenced block and every span of code, with its page and line. The word
// after the opening fence is the language; what follows it on that line says what a block of JSON is.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const pages = [
  "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "sdk-wasm/npm/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true }).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`).sort(),
];

export const textOf = (page) => readFileSync(join(root, page), "utf8");

const kFence = /^([ \t]*)```([^\n`]*)\n([\s\S]*?)^\1```[ \t]*$/gm;
const lineAt = (text, index) => text.slice(0, index).split("\n").length;

/** {page, line, language, about, code, name}; `name` is good for a file. */
export const blocks = pages.flatMap((page) => {
  const text = textOf(page);
  return [...text.matchAll(kFence)].map(([whole, , opening, code], i) => {
    const [language, ...about] = opening.trim().split(" ");
    return { page, line: lineAt(text, text.indexOf(whole)), language, about: about.join(" "), code, name: `${page.replace(/\W/g, "_")}_${i}` };
  });
});

export const blocksOf = (...languages) => blocks.filter(({ language }) => languages.includes(language));

/** A page without its fenced blocks; its lines stay where they are. */
export const proseOf = (page) => textOf(page).replace(kFence, (block) => block.replace(/[^\n]/g, ""));

/** {page, line, code}: what stands between backticks in the running text, on one line each. */
export const spans = pages.flatMap((page) => {
  const prose = proseOf(page);
  return [...prose.matchAll(/(`+)([^`][\s\S]*?)\1(?!`)/g)].map(({ 2: code, index }) => ({ page, line: lineAt(prose, index), code: code.replace(/\s+/g, " ").trim() }));
});

export const placeOf = ({ page, line }) => `${page}:${line}`;
