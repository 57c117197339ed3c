// SPDX-License-Identifier: Apache-2.0
// Where the script tag's extras are: beside the script, under a name with their hash, so that a cached
// script and its extras always fit. The build replaces TL_EXTRAS.
import type * as Extras from "./extras.js";

declare const TL_EXTRAS: string;
const script = document.currentScript as HTMLScriptElement | null;

export const loadExtras = (): Promise<typeof Extras> =>
  import(new URL(TL_EXTRAS, script?.src).href);
