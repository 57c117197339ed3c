// SPDX-License-Identifier: Apache-2.0
// A page load's nonce: 16 random bytes as hex, the only entropy there is.
export const drawNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    (byte + 256).toString(16).slice(1),
  ).join("");
