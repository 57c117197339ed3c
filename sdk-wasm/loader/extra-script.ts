// SPDX-License-Identifier: Apache-2.0
// Where the script tag's further files are: beside the script, under names with their hash (one
// of all together), so that a script meets its own files or none. The build replaces TL_BESIDE.
declare const TL_BESIDE: string;
/** The tag itself. */
export const script = document.currentScript as HTMLScriptElement | null;

const files: Record<string, string> = { follow: "c", more: "m", decorate: "m", explain: "d" };

/** The file that offers `name`. */
export const loadFor = (name: string): Promise<Record<string, unknown>> =>
  import(new URL(TL_BESIDE + (files[name] || "x") + ".js", script!.src).href);
