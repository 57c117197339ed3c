// SPDX-License-Identifier: Apache-2.0
// data-consent="auto": finds the consent platform of the page and repeats what it says to consent().
// The first platform of the list that has a say speaks. A platform may come before us, after us or
// never, and signals come twice and late: every event leads to reading its state anew, and what is said
// again changes nothing.
import type { ConsentState, Options } from "../types.js";
import { platforms } from "./all.js";
import type { Platform, Said } from "./platform.js";
import { regionGrants } from "./region.js";

type Choose = (
  choice: Partial<ConsentState>,
  by: { platform: string; text_version?: string; consent_string?: string },
) => void;

const kLooksMs = [50, 200, 500, 1000, 2000];
const kWaitMs = 3000;
const kSettledMs = 500;

const attempt = <R>(call: () => R): R | undefined => {
  try {
    return call();
  } catch {} // another script's affair
};

/** `known`: the state of loader/consent.ts, of which a platform may set what consent() cannot say. */
export const follow = (
  on: (event: string, listener: () => void) => void,
  choose: Choose,
  known: { s?: 0 | 1; m?: 0 | 1; o?: 1; p?: 0 | 1 },
  options: Options,
): void => {
  const byBrowser = known.o; // Global Privacy Control: a platform cannot loosen it
  const watched = new Set<Platform>();
  let told = "";
  let isTelling = false;
  let isByPage = known.s === 1; // before this file came

  const tell = (platform: string, said: Said | null, isMidway: boolean): void => {
    const { storage, marketing, personalisation, optedOut, version, string } = said || {
      storage: null,
      marketing: null,
    };
    const text = JSON.stringify([storage, marketing, personalisation, optedOut]);
    if (isByPage || text == told || (!told && !said)) return;
    const isLess =
      (known.s === 1 && storage !== true) || (known.m === 1 && (optedOut || marketing !== true));
    if (isMidway && !isLess) return;
    told = text;
    known.o = optedOut || byBrowser ? 1 : undefined;
    known.p = personalisation == null ? undefined : personalisation ? 1 : 0;
    repeat({ storage, marketing: optedOut ? false : marketing }, { platform, text_version: version, consent_string: string });
  };

  const repeat: Choose = (choice, by) => {
    isTelling = true;
    try {
      choose(choice, by);
    } finally {
      isTelling = false;
    }
  };

  // A platform, the page or the visitor may have spoken meanwhile, and may later: theirs is the last word.
  const byRegion = (grants: boolean): void => {
    if (!grants || isByPage || told || known.s != null) return;
    repeat({ storage: true, marketing: known.m === 0 ? undefined : true }, { platform: "region_default" });
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
  // Less is followed at once, for some platforms reload the page after a withdrawal. More is a moment
  // later, for some tell one category after the other, or before they have changed what they answer, and
  // held events leave once, with all that is permitted.
  const changed = (): void => {
    look(true);
    for (const ms of [0, kSettledMs]) setTimeout(look, ms);
  };

  // The page's own consent() is the last word. What another tab or a later page has left comes by an
  // event of the browser.
  on("consent", () => {
    isByPage ||= !isTelling && !/^(storage|pageshow|visibilitychange)$/.test(window.event?.type || "");
  });

  // Events of document pass window in the capture phase. A platform that comes later than the last
  // look and has no events is found by the click on its banner.
  const events = platforms.flatMap(({ events }) => events?.split(" ") || []);
  for (const type of new Set([...events, "load", "click"]))
    window.addEventListener(type, changed, true);
  const given = +(options.consentWait ?? kWaitMs);
  const waitMs = given >= 0 ? given : kWaitMs;
  if (options.consentDefault == "region") regionGrants(options).then(byRegion, () => {});
  look();
  for (const ms of [...kLooksMs, waitMs]) if (ms <= waitMs) setTimeout(look, ms);
};
