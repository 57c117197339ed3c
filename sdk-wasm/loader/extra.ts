// SPDX-License-Identifier: Apache-2.0
// Calls into the files beside the script: what not every page needs lives in them. They are fetched when
// first needed and answer a moment later.
import type * as Debug from "./debug.js";
import { load } from "./extra-script.js";
import type * as Extras from "./extras.js";
import type * as JavascriptCore from "./javascript-core.js";
import type * as More from "./more.js";
import type * as Platforms from "./platforms.js";

/** By the letter in each file's name. */
interface Files {
  c: typeof Platforms;
  d: typeof Debug;
  j: typeof JavascriptCore;
  m: typeof More;
  x: typeof Extras;
}
export type FileLetter = keyof Files;

type Call<F> = F extends (...args: infer A) => infer R ? { args: A; answer: Awaited<R> } : never;

export const extra = async <L extends FileLetter, N extends keyof Files[L]>(
  letter: L,
  name: N,
  ...args: Call<Files[L][N]>["args"]
): Promise<Call<Files[L][N]>["answer"] | undefined> => {
  try {
    const file = (await load(letter)) as Record<N, (...args: unknown[]) => Call<Files[L][N]>["answer"]>;
    return file[name](...args);
  } catch {}
};
