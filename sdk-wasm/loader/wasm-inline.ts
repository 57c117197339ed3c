// SPDX-License-Identifier: Apache-2.0
// The module's bytes, carried inside this file. The build replaces TL_WASM: in the script by the name of a
// string with one character (U+0000 to U+00FF) a byte, in the npm package by base64, which survives any
// consumer's minifier. A page that reads the script in another charset corrupts the first form, and what
// comes of it is refused: no bytes, or none that compile.
declare const TL_WASM: string;

// By way of base64, because browsers read that by themselves: a call a byte costs what compiling does. Where
// they do not yet, map() over bytes that are there; Uint8Array.from() walks the string by characters first.
export const wasmBytes = (text = TL_WASM): BufferSource =>
  (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64?.(btoa(text)) ??
  new Uint8Array(text.length).map((_, i) => text.charCodeAt(i));
