// SPDX-License-Identifier: Apache-2.0
// The options of this page and what follows from them. A script tag's dataset and the object given to
// init() have the same names, and text and typed values read alike, so there is one reader.
import { setVerbose } from "./guard.js";
import type { Options } from "./types.js";

export let options: Options;
export let endpoint: string;
export let timeoutMs: number;
export let maxMs: number;
export let rotateOnCampaign: boolean;

const isOn = (value: unknown): boolean => value + "" != "false"; // also when absent

const minutes = (given: unknown, usual: number): number => (+(given as number) > 0 ? +(given as number) : usual) * 6e4;

export const configure = (given: Options, origin: string): void => {
  options = given;
  setVerbose(isOn(given.debug ?? false));
  endpoint = origin;
  try {
    endpoint = new URL(given.endpoint || origin, location.href).href.match(/^http.*[^/]/)![0];
  } catch {} // no address
  timeoutMs = minutes(given.sessionTimeout, 30);
  maxMs = minutes(given.sessionMax, 1439);
  rotateOnCampaign = isOn(given.rotateOnCampaign);
};

export const hashesContact = (): boolean => isOn(options.hashContact ?? false);
export const handsOverCoarsely = (): boolean => isOn(options.coarseHandover ?? false);
export const respectsGpc = (): boolean => isOn(options.respectGpc);
export const captures = (what: string): boolean =>
  (options.capture ?? "page video").includes(what);
/** Whether a word is left besides those two: a letter that neither has (more.ts captures the rest). */
export const capturesMore = (): boolean => /[^page video]/.test(options.capture || "");
