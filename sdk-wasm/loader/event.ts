// SPDX-License-Identifier: Apache-2.0
// An event as it travels (docs/wire.md). Absent facts are left out.
import type { known } from "./consent.js";
import type { Decided } from "./decision.js";

export interface EventFacts {
  n: string;
  seq: number;
  t: number;
  p?: unknown;
  pn: string;
}

/** What the event's evidence has beside the addresses. */
export interface EventEvidence {
  ti?: string;
  nt?: number;
  /** When consent came, if it came late. */
  ct?: number;
  cm?: Record<string, string>;
}

// Lone surrogates are legal in a JavaScript string and illegal in UTF-8; JSON.stringify writes them as
// escapes, which strict parsers refuse together with the whole batch.
export const serialise = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(ud[89a-f]..|.)/g, (escape, code) =>
    code[1] ? "\ufffd" : escape,
  );

/** The fields of a state line: aid, sid, start, last, index, fingerprint; none of "". */
export const partsOf = (line: string): (string | undefined)[] => (line ? line.split(".") : []);

/** The state line of a session that the server decided; `running` and `index`: the one before. */
export const lineOfAnswer = (aid: string, sid: string, running?: string, index?: string): string =>
  [
    aid,
    sid,
    parseInt(sid.replace("-", "").slice(0, 12), 16),
    Date.now(),
    sid == running ? index : +(index || 0) + 1,
  ].join(".");

/** `before`: the state line that was decided from. */
export const eventOf = (
  facts: EventFacts,
  evidence: EventEvidence,
  { line, id, why, u, r, touch }: Decided,
  before: string,
  c: typeof known,
): string => {
  const [aid, sid] = partsOf(line);
  const [oldAid, oldSid, start, last, idx, th] = partsOf(before);
  return serialise({
    id,
    aid,
    sid,
    why,
    c,
    ev: {
      ...evidence,
      u,
      r: r || undefined,
      prev: oldSid && { aid: oldAid, sid: oldSid, start: +start!, last: +last!, idx: +idx!, th },
    },
    touch,
    ...facts, // behind `ev`, whose title queue.ts puts in: properties may be alike
  });
};
