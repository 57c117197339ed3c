// SPDX-License-Identifier: Apache-2.0
// The core at the edge, where only modules compiled beforehand may run: the bundler or the platform makes one
// of the imported file. The build puts this in the place of core-inline.ts, with the name that the platform
// wants in place of TL_MODULE.
import module from "TL_MODULE";
import { adoptCore } from "../loader/core.js";

export const whenCore = (): Promise<void> => {
  adoptCore(new WebAssembly.Instance(module));
  return Promise.resolve();
};
