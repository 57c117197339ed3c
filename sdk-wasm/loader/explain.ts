// SPDX-License-Identifier: Apache-2.0
// What report() says under debug, by its number: on the console, and in the panel (overlay.ts). The options are
// told at every start, each event as it is queued, each answer as it comes; what follows from them is found here.
import { troublesOf, troublesOfChoice } from "./check-options.js";
import { showOverlay } from "./overlay.js";
import type { Throughline } from "./types.js";

const reasons = [
  "caught:",
  "",
  "options:",
  "no session for",
  "too many events before consent:",
  "refused:",
  "rejected:",
  "will try again:",
  "queue full, dropped:",
  "identify needs consent",
  "not sent, since it could not be hashed:",
  "no WebAssembly, the core comes as JavaScript:",
  "",
  "",
  "not counted, and not tried again:",
  "identify needs email, phone or userId",
  "consent():",
];

const kOptions = 2;
const kRefused = 5;
const kRejected = 6;
const kUnreached = 7;
const kUncounted = 14;
const kAnswered = 12;
const kQueued = 13;
const kChosen = 16;
const kJumpMs = 60_000;
let panel: ReturnType<typeof showOverlay> | undefined;
let sdk: Throughline;

interface Answer {
  rejected?: { index: number; code: string }[];
  duplicate?: number;
}

const brief = (one: unknown): string =>
  (typeof one == "object" && !(one instanceof Error) ? JSON.stringify(one) : String(one)).slice(0, 200);

const warn = (...told: unknown[]): void => {
  console.warn("Throughline:", ...told);
  panel?.noted(told.map(brief).join(" "));
};
const warned = new Set<string>();
const warnOnce = (sentence: string): void => {
  if (!warned.has(sentence)) warn(sentence);
  warned.add(sentence);
};

// With consent a running session stands on the device, unless the browser keeps nothing.
const checkDevice = (): void => {
  const session = sdk.getSessionId();
  if (!session) return;
  const instead = "; this page's memory stands in, and the next page is another visit";
  try {
    if (!JSON.stringify(localStorage).includes(session)) warnOnce("storage takes nothing (full, or switched off)" + instead);
  } catch (error) {
    warnOnce(`storage is blocked (${error})${instead}`);
  }
};

// The clock against one that only goes on.
const driftMs = (): number => Date.now() - performance.now();
let usualDriftMs = driftMs();
const checkClock = (): void => {
  const jumpMs = driftMs() - usualDriftMs;
  if (Math.abs(jumpMs) < kJumpMs) return;
  usualDriftMs += jumpMs;
  warn(`the clock has jumped by ${Math.round(jumpMs / 1000)} s, or the device has slept: a session may end by it`);
};

const queued = (json: string): void => {
  const { n, an, pn, seq } = JSON.parse(json);
  panel?.queued(n, pn + seq, !!an);
  checkClock();
  checkDevice();
};

const answered = async (reply: Response, what: string | string[], given?: Answer): Promise<void> => {
  const { ok, status, headers } = reply;
  const answer: Answer = given ?? (await reply.json().catch(() => ({})));
  if (!ok) warn(reasons[kRefused], status, answer, what);
  if (typeof what == "string") return;
  if (answer.rejected?.[0]) warn(reasons[kRejected], answer.rejected, what);
  // It tells of the whole batch: a refused event's code is not its neighbours'.
  const code = (headers.get("x-throughline") || "")
    .split(/, */)
    .filter((flag) => !answer.rejected?.some(({ code }) => code == flag))
    .join(", ");
  what.forEach((item, i) => {
    const { n, pn, seq, an } = JSON.parse(item.slice(1));
    const rejected = answer.rejected?.find(({ index }) => index == i);
    const isKept = status == 202 && !rejected;
    const word = answer.duplicate == what.length ? "duplicate" : "accepted";
    panel?.queued(n, pn + seq, !!an); // by an earlier page
    panel?.judged(
      pn + seq,
      rejected ? `rejected: ${rejected.code}` : isKept ? [word, code].filter(Boolean).join(", ") : `${status} ${code}`,
      isKept ? "good" : "bad",
    );
  });
};

// While the file comes calls pile up, and browsers let the later go first.
const early: [reason: number, what: unknown[]][] = [];

export const explain = (reason: number, what: unknown[]): void | Promise<void> => {
  if (!sdk && reason != kOptions) return void early.push([reason, what]);
  if (reason == kQueued) return queued(...(what as [string]));
  if (reason == kAnswered) return answered(...(what as Parameters<typeof answered>));
  if (reason == kChosen) return troublesOfChoice(what[0]).forEach((trouble) => warn(reasons[kChosen], trouble));
  if (reason == kUnreached || reason == kUncounted) panel?.unreached();
  if (reason != kOptions) return warn(reasons[reason], ...what);
  const [options, api] = what as [Record<string, unknown> | false, Throughline];
  sdk = api;
  if (!options) {
    panel?.end();
    panel = undefined;
    return;
  }
  panel ??= showOverlay(api);
  for (const trouble of troublesOf(options)) warn(reasons[kOptions], trouble);
  for (const call of early.splice(0)) void explain(...call);
  if (!globalThis.crypto?.getRandomValues) warnOnce("crypto is missing: ids come from Math.random()");
};
