// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/vue.
import { onScopeDispose, shallowRef, type ShallowRef } from "vue";
import {
  init,
  throughline,
  type ConsentState,
  type Options,
  type Throughline as Api,
} from "@throughline/web";
import { readConsent, watchConsent } from "./consent-watch.js";

/** app.use(ThroughlinePlugin, options) */
export const ThroughlinePlugin = {
  install: (_app: unknown, options: Options): void => void init(options),
};

export const useThroughline = (): Api => throughline;

/** The visitor's choice, and how to set it, for a banner of your own; watched as long as the component is. */
export const useConsent = (): {
  consent: Readonly<ShallowRef<ConsentState>>;
  setConsent: Api["consent"];
} => {
  const consent = shallowRef(readConsent());
  onScopeDispose(watchConsent(() => (consent.value = readConsent())), true);
  return { consent, setConsent: throughline.consent };
};
