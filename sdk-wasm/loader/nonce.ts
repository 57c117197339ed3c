// SPDX-License-Identifier: Apache-2.0
// A page load's nonce: 16 random bytes as hex, the only entropy there is. Where a page or a browser has taken
// the good source away, the other one makes ids that differ all the same.
export const drawNonce = (): string =>
  Array.from<number | undefined, string>(
    globalThis.crypto?.getRandomValues(new Uint8Array(16)) ?? Array(16),
    (byte = Math.random() * 256) => (byte + 256).toString(16).slice(1, 3),
  ).join("");
