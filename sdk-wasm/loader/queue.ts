// SPDX-License-Identifier: Apache-2.0
// Events that have not left: those that wait, the batch under way, and those that may hold click ids since
// refused. What could not be sent stays (in localStorage with consent, so that another page sends it, with the
// posts that wait for their token); ids make resending harmless. An item is the rules version (one digit) and
// the event's JSON, or a post's.
import { failures } from "./backoff.js";
import { options } from "./config.js";
import { known, permitsStorage } from "./consent.js";
import { encode } from "./core.js";
import { serialise } from "./event.js";
import { pageTitle } from "./evidence.js";
import { extra } from "./extra.js";
import { report } from "./guard.js";
import { addItem, unsentItems } from "./posts.js";
import { read, readObject, write } from "./storage.js";

const kMaxEvents = 50;
export const kMaxBytes = 58 * 1024; // leaves room for the batch's own fields
const kMaxKept = 200;
const kMaxKeptBytes = 256 * 1024;

let waiting: string[] = [];
let flying: string[] = [];
let unmasked: string[] = []; // waits for the file that takes click ids out

// Frameworks set the title after the address: a route's view, which comes without one, gets it as late as it can.
const kUntitled = '"ti":0,';
export const untitled = 0 as unknown as string;
export const entitle = (): void => {
  waiting = waiting.map((item) => item.replace(kUntitled, () => `"ti":${serialise(pageTitle())},`));
};

export const addEvent = (item: string): void => {
  waiting.push(item);
  if (waiting.length > kMaxKept) report(8, waiting.pop());
};

/** Takes the next batch: one rules version, within the limits, at least one event. */
export const takeBatch = (): string[] => {
  entitle();
  let bytes = 0;
  let count = 0;
  while (
    count < kMaxEvents &&
    waiting[count] &&
    waiting[count]![0] == waiting[0]![0] &&
    ((bytes += encode(waiting[count]!).length) < kMaxBytes || !count)
  )
    count++;
  return waiting.splice(0, count);
};
export const putBack = (batch: string[]): void => {
  waiting = batch.concat(waiting);
};

/** The next batch is under way until it is landed or called back. */
export const launch = (): string[] => (flying = takeBatch());
export const land = (): void => {
  flying = [];
};
export const callBack = (): void => {
  putBack(flying);
  land();
};

// Storage is anyone's: only what looks like an item is one.
const storedItems = (kind = /^[01]{.*}$/): string[] =>
  ([] as string[]).concat(readObject("tl_q") as string[]).filter((item) => kind.test(item));

/** Makes the stored queue hold what is unsent in other tabs and, after a failure, here; without `sent`. */
export const keep = (sent: string[] = []): void => {
  if (!permitsStorage() || (sent[0] && !read("tl_q"))) return;
  entitle();
  const kept = [
    ...new Set([
      ...unsentItems(!!failures),
      ...storedItems(/^(.|\/.*){.*}$/),
      ...unmasked,
      ...(failures ? flying.concat(waiting) : []),
    ]),
  ]
    .filter((item) => !sent.includes(item))
    .slice(0, kMaxKept);
  let text: string;
  while ((text = JSON.stringify(kept)).length > kMaxKeptBytes) kept.pop();
  write("tl_q", kept[0] ? text : "");
};

/** Adds what an earlier page could not send. */
export const restore = (): void => {
  waiting = [...new Set([...storedItems(), ...waiting])];
};
export const restorePosts = (): void => storedItems(/^\/.*{.*}$/).forEach(addItem);

/** Takes click ids out of what has not left yet, as soon as the file is there that can. */
export const mask = async (): Promise<void> => {
  unmasked = [...new Set([...storedItems(), ...unmasked, ...flying, ...waiting])];
  waiting = [];
  land();
  if (!unmasked[0]) return;
  const masked = await extra("x", "masker");
  if (!masked) return keep(); // for a page that gets it
  const items = unmasked;
  unmasked = [];
  waiting.unshift(...masked(items, known, options.keepQuery));
  keep(items);
};

export const forgetEvents = (): void => {
  waiting = [];
  unmasked = [];
  land();
};
