// SPDX-License-Identifier: Apache-2.0
// Calls into the extras: what not every page needs lives in a second file, which is fetched when it is
// first needed and answers a moment later.
import { loadExtras } from "./extra-script.js";
import type * as Extras from "./extras.js";

export const extra = async <N extends keyof typeof Extras>(
  name: N,
  ...args: Parameters<(typeof Extras)[N]>
): Promise<ReturnType<(typeof Extras)[N]> | undefined> => {
  try {
    const call = (await loadExtras())[name] as (...args: unknown[]) => ReturnType<(typeof Extras)[N]>;
    return call(...args);
  } catch {}
};
