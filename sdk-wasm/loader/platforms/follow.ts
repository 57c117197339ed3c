// SPDX-License-Identifier: Apache-2.0
// data-consent="auto": finds the consent platform of the page and repeats what it says to consent().
// The first platform of the list that has a say speaks. A platform may come before us, after us or
// never, and signals come twice and late: every event leads to reading its state anew, and what is said
// again changes nothing.
import type { ConsentState, Options } from "../types.js";
import { platforms } from "./all.js";
import type { Platform, Said } from "./platform.js";
import { regionGrants } from "./region.js";

interface Choose {
  (
    choice: Partial<ConsentState>,
    by: { platform: string; text_version?: string; consent_string?: string; basis?: "implied" },
  ): void;
  /** The page's own consent() has spoken: the last word of this page load. */
  isByPage?: boolean;
}

const kLooksMs = [50, 200, 500, 1000, 2000];
const kWaitMs = 3000;
const kSettledMs = 500;
const kLastLookMs = 36e5;

const attempt = <R>(call: () => R): R | undefined => {
  try {
    return call();
  } catch {} // another script's affair
};

/** `known`: the state of loader/consent.ts, of which a platform may set what consent() cannot say. */
export const follow = (
  known: { s?: 0 | 1; m?: 0 | 1; o?: 1; p?: 0 | 1 },
  choose: Choose,
  options: Options,
): void => {
  const byBrowser = known.o; // Global Privacy Control: a platform cannot loosen it
  const watched = new Set<Platform>();
  let told = "";
  let seen = "";
  let seenMs = 0;
  let hasChanged = false;

  const tell = (platform: string, said: Said | null, isMidway: boolean): void => {
    const { storage, marketing, personalisation, optedOut, version, string, isImplied } = said || {
      storage: null,
      marketing: null,
    };
    const basis = isImplied ? "implied" : undefined;
    const text = JSON.stringify([storage, marketing, personalisation, optedOut, basis]);
    const isOpen = storage == null && marketing == null && !optedOut;
    if (seen != text) [seen, seenMs] = [text, Date.now()];
    if (choose.isByPage || text == told || (!told && isOpen)) return;
    const isLess =
      (known.s === 1 && storage !== true) || (known.m === 1 && (optedOut || marketing !== true));
    if (isMidway && !isLess) return;
    // What looks like a first refusal may be a yes under way: the one that a change leads to has to last.
    if (hasChanged && storage === false && known.s == null && Date.now() - seenMs < kSettledMs)
      return void setTimeout(look, kSettledMs);
    told = text;
    known.o = optedOut || byBrowser ? 1 : undefined;
    known.p = personalisation == null ? undefined : personalisation ? 1 : 0;
    choose(
      { storage, marketing: optedOut ? false : marketing },
      { platform, text_version: version, consent_string: string, basis },
    );
  };

  // A platform, the page or the visitor may have spoken meanwhile, and may later: theirs is the last word.
  const byRegion = (grants: boolean): void => {
    if (!grants || choose.isByPage || told || known.s != null) return;
    const marketing = known.m === 0 ? undefined : true;
    choose({ storage: true, marketing }, { platform: "region_default", basis: "implied" });
  };

  const look = (isMidway = false): void => {
    const found = platforms.map((platform) => attempt(() => platform.find(options)));
    platforms.forEach((platform, i) => {
      if (!found[i] || watched.has(platform)) return;
      watched.add(platform);
      attempt(() => platform.watch?.(found[i], changed));
    });
    for (const [i, platform] of platforms.entries()) {
      const said = found[i] && attempt(() => platform.read(found[i], options));
      if (found[i] && said !== undefined) return void attempt(() => tell(platform.name, said, isMidway));
    }
  };
  // Less than before is followed at once, for some platforms reload the page after a withdrawal. More is a moment
  // later, for some tell one category after the other, or before they have changed what they answer, and
  // held events leave once, with all that is permitted.
  const changed = (): void => {
    hasChanged = true;
    look(true);
    for (const ms of [0, kSettledMs]) setTimeout(look, ms);
  };

  // Events of document pass window in the capture phase, but for "load": a script that has loaded may be
  // a platform. One that has no events is found by the click on its banner.
  const events = platforms.flatMap(({ events }) => events?.split(" ") || []);
  for (const type of new Set([...events, "load", "click", "visibilitychange"]))
    window.addEventListener(type, changed, true);
  document.addEventListener("load", ({ target }) => target instanceof HTMLScriptElement && changed(), true);
  const given = +(options.consentWait ?? kWaitMs);
  const waitMs = given >= 0 ? given : kWaitMs;
  if (options.consentDefault == "region") regionGrants(options).then(byRegion, () => {});
  look();
  for (const ms of kLooksMs) if (ms < waitMs) setTimeout(look, ms);
  // One that comes later with a choice of an earlier page tells of nothing: it is looked for less and less.
  for (let ms = waitMs || kWaitMs; ms < kLastLookMs; ms *= 1.5) setTimeout(look, ms);
};
