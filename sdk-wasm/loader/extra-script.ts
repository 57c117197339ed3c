// SPDX-License-Identifier: Apache-2.0
// Where the script tag's further files are: beside the script, under names with their hash (one
// of all together), so that a script meets its own files or none. The build replaces TL_BESIDE. They begin as
// the script's own name does, or a rule that stops the usual one would take the consent platforms alone; a
// copy that was only renamed finds them under the usual one.
import type { FileLetter } from "./extra.js";

declare const TL_BESIDE: string;
/** The tag itself. */
export const script = document.currentScript as HTMLScriptElement | null;

export const load = (letter: FileLetter): Promise<unknown> => {
  const url = new URL(script!.src);
  const under = (stem: string): Promise<unknown> => {
    url.pathname = url.pathname.replace(/([^/.]*)[^/]*$/, stem + TL_BESIDE + letter + ".js");
    return import(url.href);
  };
  return under("$1").catch(() => /throughline\./.test(url.pathname) || under("throughline"));
};
