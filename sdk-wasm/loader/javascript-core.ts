// SPDX-License-Identifier: Apache-2.0
// Entry of what only pages that block WebAssembly load (throughline.<hash>.j.js): the core once more, in
// JavaScript as wasm2js writes it. The same decisions, and the same exports (ABI: src/exports.cpp).
import * as javascriptCore from "TL_JAVASCRIPT_CORE";

export const core = (): typeof javascriptCore => javascriptCore;
