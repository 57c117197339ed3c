// SPDX-License-Identifier: Apache-2.0
// What lives on the device, only with storage consent:
//   tl       the session: aid.sid.start.last.index.fingerprint (shared/session.hpp)
//   tl_at    first and last touch and small facts, JSON
//   tl_tok   the session's token, when the endpoint is on another site
//   tl_q     events that could not be sent yet, JSON
// and, without it, exactly one key: tl_consent, a refusal (with a withdrawal that the server has not
// answered yet). Where localStorage throws or is full, the page's memory stands in.
import { options } from "./config.js";
import { permitsStorage, refusalToKeep } from "./consent.js";
import type { Touch } from "./types.js";

const memory: Record<string, string | undefined> = {};

export const parse = <T>(text: string | null | undefined): T | undefined => {
  try {
    return (text && JSON.parse(text)) || undefined; // nothing is stored: no throw at every start
  } catch {
    return;
  }
};

export const read = (key: string): string => {
  try {
    return memory[key] ?? (localStorage.getItem(key) || "");
  } catch {
    return "";
  }
};

const put = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
    delete memory[key];
  } catch {
    memory[key] = value;
  }
};

export const write = (key: string, value: string): void => {
  if (permitsStorage()) put(key, value);
};

export const erase = (key: string): void => {
  delete memory[key];
  try {
    localStorage.removeItem(key);
  } catch {}
};

const cookieName = (): string => options.cookie || "tl";

export const readCookie = (name: string): string => {
  try {
    return document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] || "";
  } catch {
    return "";
  }
};

/** Deletes everything of ours but a refusal. */
export const wipe = (): void => {
  ["tl", "tl_at", "tl_tok", "tl_q"].forEach(erase);
  try {
    // The server sets its cookie for its own host or for a domain that it shares with the page.
    const labels = location.hostname.split(".");
    for (const domain of ["", ...labels.map((_, i) => labels.slice(i).join("."))])
      document.cookie = `${cookieName()}=;max-age=0;path=/` + (domain ? ";domain=" + domain : "");
  } catch {}
};

/** Keeps a refusal; forgets one that is taken back. */
export const rememberRefusal = (untold?: object): void => {
  const refusal = refusalToKeep(untold);
  if (refusal) put("tl_consent", refusal);
  else erase("tl_consent");
};

// Storage is anyone's: what is no state line is none.
export const asState = (line: string): string =>
  /^[\da-f-]{36}\.[\da-f-]{36}(\.\d+){3,4}$/.test(line) ? line : "";

// The running session's own line is fresher in localStorage; another session's counts by its last
// activity. The server's cookie survives where script-written storage is deleted after seven days.
export const storedState = (): string => {
  const [stored, cookie] = [read("tl"), readCookie(cookieName())].map(asState) as [string, string];
  const [, sid, , last] = stored.split(".");
  const [, cookieSid, , cookieLast] = cookie.split(".");
  return !stored || (cookieSid && cookieSid != sid && +cookieLast! > +last!) ? cookie : stored;
};

/** The same as far as it may be used. */
export const readState = (): string => (permitsStorage() ? storedState() : "");

// First and last touch; the older anonymous id for the next session; the choice last reported; the
// nonce that the anonymous id comes from, until a token proves the visitor; 1 after a reset, until the
// server has heard of it.
// `s`: the site; what another one of this origin left here is not ours to use.
interface StoredTouches {
  s?: string;
  f?: Touch;
  l?: Touch;
  a?: string;
  c?: string;
  n?: string;
  r?: 1;
}
export const savedTouches = (): StoredTouches => Object(parse(read("tl_at")));
export const storedTouches = (): StoredTouches => (permitsStorage() ? savedTouches() : {});
export const storeTouches = (touches: StoredTouches): void => write("tl_at", JSON.stringify({ ...touches, s: options.site }));
export const isOfOtherSite = (): boolean => (savedTouches().s ?? options.site) != options.site;
