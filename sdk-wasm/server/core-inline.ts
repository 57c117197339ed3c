// SPDX-License-Identifier: Apache-2.0
// The core where WebAssembly may be compiled as it runs: Node, Deno, Bun.
import { loadCore } from "../loader/core.js";

let loading: Promise<void> | undefined;

/** When it is known whether there is a core. */
export const whenCore = (): Promise<void> =>
  (loading ??= new Promise((done) => void loadCore(done)));
