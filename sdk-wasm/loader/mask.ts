// SPDX-License-Identifier: Apache-2.0
// Queued events without the values of click ids, for what marketing was refused before it had left.
import type { known } from "./consent.js";
import { withoutClickIds } from "./decision.js";
import { serialise } from "./event.js";
import { reducer } from "./reduce.js";

type MaskItems = (items: string[], c: typeof known, keepQuery?: string) => string[];

// `items`: as the queue holds them, a digit and the event's JSON. `c`: the consent as it is now.
const maskItems: MaskItems = (items, c, keepQuery = "") => {
  const reduce = reducer();
  const masked = (url?: string): string | undefined => url && reduce(url, keepQuery, false);
  return items.flatMap((item) => {
    try {
      const event = JSON.parse(item.slice(1));
      const { ev, touch } = event;
      Object.assign(event, { c, ev: { ...ev, u: masked(ev.u), r: masked(ev.r) }, touch: touch && withoutClickIds(touch) });
      return item[0] + serialise(event);
    } catch {
      return []; // no event of ours
    }
  });
};

/** Given away, so that the queue is masked in one turn: nothing is lost between taking and putting back. */
export const masker = (): MaskItems => maskItems;
