// SPDX-License-Identifier: Apache-2.0
// Where the script tag's further files are: beside the script, under names with their hash (one
// of all together), so that a script meets its own files or none. The build replaces TL_BESIDE.
import type { FileLetter } from "./extra.js";

declare const TL_BESIDE: string;
/** The tag itself. */
export const script = document.currentScript as HTMLScriptElement | null;

export const load = (letter: FileLetter): Promise<unknown> =>
  import(new URL(TL_BESIDE + letter + ".js", script!.src).href);
