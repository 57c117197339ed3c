// SPDX-License-Identifier: Apache-2.0
// Where the script tag's further files are: beside the script, under names with their hash (one
// of all together), so that a cached script and its files always fit. The build replaces TL_BESIDE.
declare const TL_BESIDE: string;
/** The tag itself. */
export const script = document.currentScript as HTMLScriptElement | null;

/** The file that offers `name`. */
export const loadFor = (name: string): Promise<Record<string, unknown>> =>
  import(
    new URL(TL_BESIDE + (name == "follow" ? "c.js" : /^(more|dec)/.test(name) ? "m.js" : "x.js"), script?.src).href
  );
