// SPDX-License-Identifier: Apache-2.0
// The contact module's bytes, carried as in wasm-inline.ts.
declare const TL_CONTACT_WASM: string;

export const contactBytes = (): Uint8Array =>
  Uint8Array.from(TL_CONTACT_WASM, (character) => character.charCodeAt(0));
