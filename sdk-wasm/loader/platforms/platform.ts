// SPDX-License-Identifier: Apache-2.0
// What a consent platform is to us: where it is, what it says, and how it tells of a change. One file
// each in this folder, one line each in all.ts. Whatever a platform throws is caught in follow.ts.
import type { Options } from "../types.js";

/** What is chosen; null where that purpose is still open. */
export interface Said {
  storage: boolean | null;
  marketing: boolean | null;
  personalisation?: boolean | null;
  /** Opted out of sale or sharing: marketing ends, storage goes on. */
  optedOut?: boolean;
  /** Version of the text that the visitor saw, as far as the platform tells; for the receipt. */
  version?: string;
}

export interface Platform {
  /** As receipts name it. */
  name: string;
  /** Its interface on this page, or a falsy value. */
  find(options: Options): any;
  /** null: here, and the visitor has not chosen; undefined: it has no say on this page. */
  read(found: any, options: Options): Said | null | undefined;
  /** Events on window or document after which it is read again, separated by blanks. */
  events?: string;
  /** Subscribes, once, where it has an interface for that. */
  watch?(found: any, changed: () => void): void;
}

/** Other scripts' globals. */
export const page = window as unknown as Record<string, any>;

export const cookie = (name: string): string =>
  decodeURIComponent(document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] || "");

// Any of the names suffices; names that the platform does not have leave the purpose open.
const anyOf = (names: string, isOn: (name: string) => unknown): boolean | null => {
  const answers = names.split(" ").map((name) => isOn(name)).filter((answer) => answer != null);
  return answers[0] == null ? null : answers.some(Boolean);
};

/** By the categories (or services, where a platform asks for each) that the site named, or the usual. */
export const byCategory = (
  { storageCategory, marketingCategory }: Options,
  storage: string,
  marketing: string,
  isOn: (name: string) => unknown,
): Said => ({
  storage: anyOf(storageCategory || storage, isOn),
  marketing: anyOf(marketingCategory || marketing, isOn),
});

/** Names that sites usually give where the platform has none of its own. */
export const kUsualStorage = "throughline analytics statistics measurement performance";
export const kUsualMarketing = "throughline-marketing marketing advertising ads targeting";
