// SPDX-License-Identifier: Apache-2.0
// What report() says under debug, by its number. The second is told of every start, with the options.
import { troublesOf } from "./check-options.js";

const reasons = [
  "caught:",
  "endpoint is no address:",
  "options:",
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

const kOptions = 2;

export const explain = (reason: number, what: unknown[]): void => {
  const warn = (...told: unknown[]): void => console.warn("Throughline:", reasons[reason], ...told);
  if (reason == kOptions) troublesOf(what[0] as Record<string, unknown>).forEach((trouble) => warn(trouble));
  else warn(...what);
};
