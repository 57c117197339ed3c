// SPDX-License-Identifier: Apache-2.0
// What is shown is in the address: /dashboard/<view>[/<id>]?site=…&range=30d&model=…, so that every
// view can be linked, reloaded and gone back to.

import { isDay, presetRange, today, type Range } from "./ranges.ts";

export interface State {
  view: string;
  id: string;
  query: URLSearchParams;
}

export const DEFAULT_RANGE = "30d";
// Kept when going from one view to another; everything else belongs to its view.
const COMMON = ["site", "range", "from", "to", "model", "currency", "basis", "compare", "kind"];

export function readState(path: string, search: string): State {
  const [, , view = "", id = ""] = path.split("/");
  return { view: decodeURIComponent(view) || "overview", id: decodeURIComponent(id), query: new URLSearchParams(search) };
}

export function rangeOf(query: URLSearchParams, zone: string, now = Date.now()): Range {
  const from = query.get("from") ?? "";
  const to = query.get("to") ?? "";
  if (isDay(from) && isDay(to) && from <= to) return { from, to };
  const current = today(zone, now);
  return presetRange(query.get("range") ?? DEFAULT_RANGE, current) ?? (presetRange(DEFAULT_RANGE, current) as Range);
}

// The address of a view. `changes`: null removes, "" is a value (a touch without a campaign); `keep`: also what belongs to the present view.
export function address(state: State, view: string, id = "", changes: Record<string, string | null> = {}, keep = false): string {
  const query = new URLSearchParams();
  for (const [name, value] of state.query) if (keep || COMMON.includes(name)) query.set(name, value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const tail = query.toString();
  const base = view === "overview" && !id ? "/dashboard" : `/dashboard/${view}${id ? `/${encodeURIComponent(id)}` : ""}`;
  return base + (tail ? `?${tail}` : "");
}
