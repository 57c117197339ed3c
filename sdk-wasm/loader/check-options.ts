// SPDX-License-Identifier: Apache-2.0
// Under debug: options and choices that mean nothing. Without it a misspelt name or word is silent, for the
// script keeps no list of what it does not look at.
import type { Options } from "./types.js";

const kAny = "";
const kNumber = "#";
const kSwitch = "true false";
/** What each option takes: one of these, or words. */
const kTakes: Record<keyof Options, string> = {
  site: kAny,
  key: kAny,
  endpoint: kAny,
  consent: "auto granted denied manual",
  consentWait: kNumber,
  storageCategory: kAny,
  marketingCategory: kAny,
  respectDnt: kSwitch,
  consentDefault: "denied granted region",
  anonymousPings: "off on_denial always",
  sessionTimeout: kNumber,
  sessionMax: kNumber,
  rotateOnCampaign: kSwitch,
  keepQuery: kAny,
  linkDomains: kAny,
  coarseHandover: kSwitch,
  capture: "page video scroll outbound download form signup checkout players",
  downloadTypes: kAny,
  hashContact: kSwitch,
  global: kAny,
  respectGpc: kSwitch,
  cookieDomain: kAny,
  cookie: kAny,
  debug: kSwitch,
};

const isAddress = (given: string): boolean => {
  try {
    return /^http/.test(new URL(given, globalThis.location?.href).protocol);
  } catch {
    return false;
  }
};

/** One sentence for each trouble; `options` as the page gave them. */
export const troublesOf = (options: Record<string, unknown>): string[] => {
  const troubles = options.site && options.key ? [] : ["site and key are needed, in the tag or in init(): nothing is told without"];
  if (options.endpoint && !isAddress(`${options.endpoint}`))
    troubles.push(`data-endpoint is no address: "${options.endpoint}"`);
  for (const [name, given] of Object.entries(options)) {
    const told = `data-${name.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
    const takes = kTakes[name as keyof Options];
    if (takes == null) troubles.push(`${told} is no option`);
    else if (takes == kNumber) +`${given}` > 0 || troubles.push(`${told} is no number: "${given}"`);
    else
      for (const word of `${given ?? ""}`.split(/\s+/))
        if (takes && word && !takes.split(" ").includes(word))
          troubles.push(`${told} knows no "${word}", only: ${takes}`);
  }
  if (options.consentDefault == "region" && options.consent != "auto")
    troubles.push('data-consent-default="region" needs data-consent="auto"');
  return troubles;
};

/** The same of what consent() was given: a misspelt purpose says nothing, and what is no plain yes is a no. */
export const troublesOfChoice = (choice: unknown): string[] => {
  const troubles: string[] = [];
  const said: [string, unknown][] = typeof choice == "object" ? Object.entries(choice!) : [["storage", choice]];
  for (const [purpose, word] of said)
    if (!/^(storage|marketing)$/.test(purpose)) troubles.push(`knows no "${purpose}", only: storage marketing`);
    else if (word != null && !/^(true|false|granted|denied)$/.test(`${word}`))
      troubles.push(`"${word}" is a refusal; it knows: ${kSwitch} granted denied`);
  return troubles;
};
