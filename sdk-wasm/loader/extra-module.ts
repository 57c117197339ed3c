// SPDX-License-Identifier: Apache-2.0
// The same for the npm package, whose bundler finds the files by the imports. The build puts this in
// the place of extra-script.ts.
import type { FileLetter } from "./extra.js";

const files: Record<FileLetter, () => Promise<unknown>> = {
  c: () => import("./platforms.mjs" as string),
  d: () => import("./debug.mjs" as string),
  j: () => import("./javascript-core.mjs" as string),
  m: () => import("./more.mjs" as string),
  x: () => import("./extras.mjs" as string),
};

export const load = (letter: FileLetter): Promise<unknown> => files[letter]();
