// SPDX-License-Identifier: Apache-2.0
// The module's bytes, carried inside this file. The build replaces TL_WASM: in the script by a string
// with one character (U+0000 to U+00FF) a byte, in the npm package by base64, which survives any
// consumer's minifier. A page that reads the script in another charset corrupts the first form: then
// the length differs and the bytes are refused.
declare const TL_WASM: string;
declare const TL_WASM_BYTES: number;

// map() over bytes that are there: Uint8Array.from() walks the string by characters first, three times as long.
export const wasmBytes = (text = TL_WASM): BufferSource =>
  text.length == TL_WASM_BYTES
    ? new Uint8Array(TL_WASM_BYTES).map((_, i) => text.charCodeAt(i))
    : new Uint8Array();
