// SPDX-License-Identifier: Apache-2.0
// Usercentrics. Version 2: UC_UI with a list of services; version 3: __ucCmp, whose details come by a
// promise and with UC_CONSENT. Where there is a service "Throughline" it decides; else all services of
// the category, and "functional" only where there is no "analytics". What is implicit is no choice.
import { byCategory, page, type Platform } from "./platform.js";

interface Service {
  name?: string;
  category?: string;
  categorySlug?: string;
  consent?: { status?: boolean; given?: boolean; type?: string };
}

let details: { services?: Record<string, Service>; consent?: { type?: string } } | undefined;
let hasActed = false;

const isExplicit = (type?: string): boolean => /^explicit$/i.test(type || "");

export const usercentrics: Platform = {
  name: "usercentrics",
  find: () => page.__ucCmp || page.UC_UI,
  events: "UC_UI_INITIALIZED",
  watch: (api, changed) => {
    const ask = async (): Promise<void> => {
      details = await api.getConsentDetails?.();
      if (details) changed();
    };
    const heard = (event: Event): void => {
      const { type } = (event as CustomEvent).detail || {};
      hasActed ||= /^(ACCEPT_ALL|DENY_ALL|SAVE)$/.test(type);
      changed();
      void ask().catch(() => {});
    };
    for (const type of ["UC_UI_CMP_EVENT", "UC_CONSENT", "UC_UI_INITIALIZED"])
      window.addEventListener(type, heard, true);
    void ask().catch(() => {});
  },
  read: (api, options) => {
    const services: Service[] = details
      ? Object.values(details.services || {})
      : (api.isInitialized?.() && api.getServicesBaseInfo?.()) || [];
    // A click on the banner is told before what it led to: version 3's details say themselves whether they are a choice.
    const isChosen = details?.consent?.type
      ? isExplicit(details.consent.type)
      : hasActed ||
        localStorage.uc_user_interaction == "true" ||
        services.some(({ consent }) => isExplicit(consent?.type));
    if (!isChosen || !services[0]) return null;
    const isOn = ({ consent }: Service): boolean => !!(consent?.status ?? consent?.given);
    const own = services.find(({ name }) => /^throughline$/i.test(name || ""));
    const said = byCategory(options, "analytics functional", "marketing", (name) => {
      const members = services.filter(
        (one) => (one.categorySlug ?? one.category) == name || one.name == name,
      );
      return members[0] && members.every(isOn);
    });
    return own ? { ...said, storage: isOn(own) } : said;
  },
};
