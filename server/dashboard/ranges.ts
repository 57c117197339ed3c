// SPDX-License-Identifier: Apache-2.0
// Ranges of days in the site's own calendar, "YYYY-MM-DD", both ends included.

export interface Range {
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const text = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: string, count: number): string => text(at(day) + count * DAY_MS);
export const dayCount = (range: Range): number => Math.round((at(range.to) - at(range.from)) / DAY_MS) + 1;

export function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(at(value)) && text(at(value)) === value;
}

// Which day it is where the site lives.
export function today(zone: string, now = Date.now()): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

// The moment at which a day begins where the site lives.
export function startOf(day: string, zone: string): string {
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  let t = at(day);
  // Twice: the first step may cross a change of the clocks.
  for (let step = 0; step < 2; ++step) t += at(day) - Date.parse(`${local.format(t).replace(" ", "T")}Z`);
  return new Date(t).toISOString();
}

export const PRESETS: readonly (readonly [string, string])[] = [
  ["7d", "Last 7 days"], ["30d", "Last 30 days"], ["90d", "Last 90 days"], ["365d", "Last 365 days"],
  ["month", "This month"], ["last-month", "Last month"], ["year", "This year"],
];

export function presetRange(name: string, now: string): Range | null {
  const counted = /^(\d+)d$/.exec(name);
  if (counted) return { from: addDays(now, 1 - Number(counted[1])), to: now };
  const month = now.slice(0, 8) + "01";
  if (name === "month") return { from: month, to: now };
  if (name === "last-month") {
    const end = addDays(month, -1);
    return { from: end.slice(0, 8) + "01", to: end };
  }
  if (name === "year") return { from: now.slice(0, 5) + "01-01", to: now };
  return null;
}

// The period of equal length just before.
export function previous(range: Range): Range {
  const length = dayCount(range);
  return { from: addDays(range.from, -length), to: addDays(range.from, -1) };
}
