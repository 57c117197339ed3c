// SPDX-License-Identifier: Apache-2.0
// Requests to the Throughline server: sent again with growing pauses while it cannot be reached, for ids
// make resending harmless. They wait in this process alone, so their number is bounded.
import { report } from "../loader/guard.js";
import { parse } from "../loader/storage.js";
import type { Answer } from "../loader/transport.js";

const kTries = 5;
const kTimeoutMs = 10_000;
const kMaxWaiting = 1000;
let waiting = 0;

export interface Endpoint {
  url: string;
  fetch: typeof fetch;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

interface Delivered extends Answer {
  /** The token was not signed for this site. */
  isForged: boolean;
}

/** The answer; null where it was refused, or given up. Never throws. */
export const deliver = async (
  { url, fetch }: Endpoint,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<Delivered | null> => {
  if (waiting >= kMaxWaiting) {
    report(8, body);
    return null;
  }
  waiting++;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const reply = await fetch(url + path, {
          method: "POST",
          headers: { ...headers, "content-type": "text/plain" },
          body,
          signal: AbortSignal.timeout(kTimeoutMs),
        });
        const { status } = reply;
        const answer = parse<Answer>(await reply.text()) ?? {};
        if (reply.ok) {
          if (answer.rejected?.[0]) report(6, answer.rejected, body);
          return { ...answer, isForged: /\bforged\b/.test(reply.headers.get("x-throughline") ?? "") };
        }
        if (status < 500 && status != 408 && status != 429) {
          report(5, status, answer, body);
          return null;
        }
        throw status;
      } catch (error) {
        report(7, error);
        if (attempt == kTries) return null;
        await pause(500 * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  } finally {
    waiting--;
  }
};
