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
  /** The framework's own string, for the receipt. */
  string?: string;
  /** What it permits nobody has chosen: its rule for the region, or the site's default. */
  isImplied?: boolean;
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

/**
 * Google in the IAB's list of vendors. A page tells of marketing as a whole, so where a framework asks
 * for each vendor, the one to whom most click ids belong must be among the permitted.
 */
export const kGoogleVendor = 755;

/** Other scripts' globals. */
export const page = window as unknown as Record<string, any>;

export const cookie = (name: string): string =>
  decodeURIComponent(document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] || "");

// The first name that the platform has decides alone, so that no other service's yes overrides a no;
// of names joined by "|" any suffices. Where it has none of them, the purpose stays open.
const decided = (names: string, isOn: (name: string) => unknown): boolean | null => {
  for (const alternatives of names.split(" ")) {
    const answers = alternatives.split("|").map(isOn).filter((answer) => answer != null);
    if (answers[0] != null) return answers.some(Boolean);
  }
  return null;
};

/** The names that the site gave: of its own list any suffices. */
const anyOf = (names?: string): string | undefined => names?.trim().replace(/\s+/g, "|");

/** By the categories (or services, where a platform asks for each) that the site named, or the usual. */
export const byCategory = (
  { storageCategory, marketingCategory }: Options,
  storage: string,
  marketing: string,
  isOn: (name: string) => unknown,
): Said => ({
  storage: decided(anyOf(storageCategory) || storage, isOn),
  marketing: decided(anyOf(marketingCategory) || marketing, isOn),
});

/** Names that sites usually give where the platform has none of its own: a service for us decides. */
export const kUsualStorage = "throughline analytics statistics measurement performance";
export const kUsualMarketing = "throughline-marketing marketing advertising ads targeting";
