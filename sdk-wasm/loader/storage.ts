// SPDX-License-Identifier: Apache-2.0
// What lives on the device, only with storage consent:
//   tl.ID       the session: aid.sid.start.last.index.fingerprint (shared/session.hpp)
//   tl_at.ID    first and last touch and small facts, JSON
//   tl_tok.ID   the session's token, when the endpoint is on another site
//   tl_q.ID     events that could not be sent yet, JSON
// and, without it, exactly one key: tl_consent.ID, a refusal (with a withdrawal that the server has not
// answered yet). ID is the site's, for sites may share an origin, or cookies. Where localStorage throws or
// is full, the page's memory stands in.
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

let suffix = "";
/** A key or cookie of the site's own. */
export const own = (key: string): string => key + suffix;

export const read = (key: string): string => {
  try {
    return memory[key] ?? (localStorage.getItem(own(key)) || "");
  } catch {
    return "";
  }
};

/** What is stored as JSON; an empty one for none. */
export const readObject = (key: string): object => Object(parse(read(key)));

// "" takes it away.
const put = (key: string, value: string): void => {
  delete memory[key];
  try {
    if (value) localStorage.setItem(own(key), value);
    else localStorage.removeItem(own(key));
  } catch {
    memory[key] = value;
  }
};

export const write = (key: string, value: string): void => {
  if (permitsStorage()) put(key, value);
};

export const erase = (key: string): void => put(key, "");

const cookieName = (): string => options.cookie || own("tl");

export const readCookie = (name: string): string | undefined => {
  try {
    return (" " + document.cookie).split(` ${name}=`)[1]?.split(";")[0]; // none: no throw at every start
  } catch {} // a sandboxed frame
};

const kept = ["tl_consent", "tl", "tl_at", "tl_tok", "tl_q"];

/** Deletes everything of ours but a refusal. */
export const wipe = (): void => {
  kept.slice(1).forEach(erase);
  try {
    // The server sets its cookie for its own host or for a domain that it shares with the page.
    for (const name of [cookieName(), "tl"])
      for (let domain = ";domain=." + location.hostname; (document.cookie = name + "=;max-age=0;path=/" + domain), domain; )
        domain = domain.replace(/\.[^.]*|;domain=$/, "");
  } catch {}
};

/** Keeps a refusal; forgets one that is taken back. */
export const rememberRefusal = (untold?: object): void => {
  put("tl_consent", refusalToKeep(untold));
};

// Storage is anyone's: what is no state line is none.
export const asState = (line = ""): string =>
  /^[\da-f-]{36}\.[\da-f-]{36}(\.\d+){3,4}$/.test(line) ? line : "";

// The running session's own line is fresher in localStorage; another session's counts by its last
// activity. The server's cookie survives where script-written storage is deleted after seven days.
export const storedState = (): string => {
  const [stored, cookie] = [read("tl"), readCookie(cookieName())].map(asState) as [string, string];
  const [, sid, , last] = stored.split(".");
  const [, cookieSid, , cookieLast] = cookie.split(".");
  return cookieSid != sid && +cookieLast! > +(last || 0) ? cookie : stored;
};

/** The same as far as it may be used. */
export const readState = (): string => (permitsStorage() ? storedState() : "");

// First and last touch; the older anonymous id for the next session; the choice last reported; the
// nonce that the anonymous id comes from, until a token proves the visitor; 1 after a reset, until the
// server has heard of it.
// `s`: the site, in a version whose keys did not have it.
interface StoredTouches {
  s?: string;
  f?: Touch;
  l?: Touch;
  a?: string;
  c?: string;
  n?: string;
  r?: 1;
}
export const savedTouches = (): StoredTouches => readObject("tl_at");
export const storedTouches = (): StoredTouches => (permitsStorage() ? savedTouches() : {});
export const storeTouches = (touches: StoredTouches): void => write("tl_at", JSON.stringify(touches));

/** Gives all keys the site's name, and moves what a version without it has kept, unless that is another site's. */
export const adopt = (): void => {
  const { site } = options;
  const { s = site } = savedTouches();
  for (const key of kept) {
    suffix = "";
    const value = s == site && read(key);
    if (value) put(key, "");
    suffix = "." + site;
    if (value) put(key, value);
  }
};
