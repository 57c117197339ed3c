// SPDX-License-Identifier: Apache-2.0
// The fields that tl_decide leaves (src/exports.cpp), by name.

/** What tl_decide says; on a page without a core only the reduced URLs, and no line. */
export interface Decided {
  /** The state line to store; "" for no event. */
  line: string;
  id?: string;
  why?: string;
  u?: string;
  r?: string;
  /** The new touch, if this event carries one. */
  touch?: Record<string, string>;
  /** How the page was reached, in values that many share. */
  an?: object;
}

const kTouchFields = ["source", "medium", "campaign", "term", "content", "campaign_id"];
/** Touches, alone or as they are stored: whatever else one has is a click id. */
export const withoutClickIds = <T>(touches: T): T =>
  JSON.parse(JSON.stringify(touches, [..."flacnrt", "channel", "ref", ...kTouchFields]));

// A campaign value with an e-mail address in it is shared by one person only.
const shared = (value = ""): string | undefined => (value.includes("@") ? "*" : value) || undefined;

export const readDecision = ([
  line,
  id,
  why,
  hasTouch,
  u,
  r,
  isInternal,
  isTagged,
  ref,
  path,
  ...values
]: string[]): Decided => {
  const touch: Record<string, string> = {};
  kTouchFields.forEach((name, i) => values[i] && (touch[name] = values[i]!));
  const cl: string[] = [];
  for (let i = kTouchFields.length; i < values.length; i += 2) {
    cl.push(values[i]!);
    touch[values[i]!] = values[i + 1]!;
  }
  const { source, medium, campaign } = touch;
  if (!isTagged && ref) touch.ref = ref;
  return {
    line: line!,
    id,
    why,
    u,
    r,
    touch: hasTouch ? touch : undefined,
    an: {
      source: shared(source),
      medium: shared(medium),
      campaign: shared(campaign),
      ref: shared(ref),
      path: shared(path),
      cl: cl[0] && cl,
      in: isInternal ? 1 : undefined,
    },
  };
};
