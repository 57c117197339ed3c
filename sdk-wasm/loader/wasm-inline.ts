// SPDX-License-Identifier: Apache-2.0
// The module's bytes, carried inside this file. The build replaces TL_WASM: in the script by a string
// with one character (U+0000 to U+00FF) a byte, in the npm package by base64, which survives any
// consumer's minifier. A page that reads the script in another charset corrupts the first form: then
// the length differs and the bytes are refused.
declare const TL_WASM: string;
declare const TL_WASM_BYTES: number;

export const wasmBytes = (): BufferSource => {
  const bytes = Uint8Array.from(TL_WASM, (character) => character.charCodeAt(0));
  return bytes.length == TL_WASM_BYTES && bytes[1] == 97 ? bytes : new Uint8Array();
};
