// SPDX-License-Identifier: Apache-2.0
// What report() says under debug, by its number: on the console, and in the panel (overlay.ts). The options are
// told at every start, each answer to a batch as it comes.
import { troublesOf } from "./check-options.js";
import { showOverlay, type Told } from "./overlay.js";
import type { Throughline } from "./types.js";

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
const kAnswered = 12;
let panel: ReturnType<typeof showOverlay> | undefined;

const brief = (one: unknown): string =>
  (typeof one == "object" && !(one instanceof Error) ? JSON.stringify(one) : String(one)).slice(0, 200);

export const explain = (reason: number, what: unknown[]): void => {
  if (reason == kAnswered) {
    const [{ status, headers }, answer, items] = what as [Response, Told["answer"], Told["items"]];
    return panel?.answered({ status, code: headers.get("x-throughline") || "", answer, items });
  }
  const warn = (...told: unknown[]): void => {
    console.warn("Throughline:", reasons[reason], ...told);
    panel?.noted([reasons[reason], ...told.map(brief)].join(" "));
  };
  if (reason != kOptions) return warn(...what);
  const [options, api] = what as [Record<string, unknown> | false, Throughline];
  if (!options) {
    panel?.end();
    panel = undefined;
    return;
  }
  panel ??= showOverlay(api);
  troublesOf(options).forEach((trouble) => warn(trouble));
};
