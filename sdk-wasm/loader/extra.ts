// SPDX-License-Identifier: Apache-2.0
// Calls into the files beside the script: what not every page needs lives in them. They are fetched when
// first needed and answer a moment later.
import type * as Debug from "./debug.js";
import { loadFor } from "./extra-script.js";
import type * as Extras from "./extras.js";
import type * as More from "./more.js";
import type * as Platforms from "./platforms.js";

type Offered = typeof Extras & typeof Platforms & typeof More & typeof Debug;

export const extra = async <N extends keyof Offered>(
  name: N,
  ...args: Parameters<Offered[N]>
): Promise<Awaited<ReturnType<Offered[N]>> | undefined> => {
  try {
    const call = (await loadFor(name))[name] as (
      ...args: unknown[]
    ) => Awaited<ReturnType<Offered[N]>>;
    return call(...args);
  } catch {}
};
