// SPDX-License-Identifier: Apache-2.0
// What report() says under debug, by its number.
const reasons = [
  "caught:",
  "endpoint is no address:",
  "site and key are needed",
  "no session for",
  "too many events before consent:",
  "refused:",
  "rejected:",
  "will try again:",
  "queue full, dropped:",
  "identify needs consent",
  "not sent, since it could not be hashed:",
  "no core, the server decides:",
];

export const explain = (reason: number, what: unknown[]): void =>
  console.warn("Throughline:", reasons[reason], ...what);
