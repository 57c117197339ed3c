// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/react.
import { useState, useSyncExternalStore } from "react";
import {
  init,
  throughline,
  type ConsentState,
  type Options,
  type Throughline as Api,
} from "@throughline/web";
import { readConsent, unknownConsent, watchConsent } from "./consent-watch.js";

/** Starts the SDK once, in the first render, so that the effects of all components find it started. */
export const Throughline = ({ options }: { options: Options }): null => {
  useState(() => init(options));
  return null;
};

export const useThroughline = (): Api => throughline;

/** The visitor's choice and how to set it, for a banner of your own. */
export const useConsent = (): [ConsentState, Api["consent"]] => {
  const state = useSyncExternalStore(watchConsent, readConsent, () => unknownConsent);
  return [state, throughline.consent];
};
