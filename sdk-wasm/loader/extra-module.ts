// SPDX-License-Identifier: Apache-2.0
// The same for the npm package, whose bundler finds the extras by the import. The build puts this in
// the place of extra-script.ts.
import type * as Extras from "./extras.js";

export const loadExtras = (): Promise<typeof Extras> => import("./extras.mjs" as string);
