// SPDX-License-Identifier: Apache-2.0
// URL reduction for pages without a core, which must send nothing that the core would not: reduce_url()
// of shared/src/reduce_url.cpp a second time. The rules are in shared/touch.hpp; the core's vectors hold
// here too (tests/vectors/shipped.mjs).

// Names of campaign parameters and, from gclid on, click ids, each ended by a byte above 0x7f: the
// core's own table (shared/data/params.tsv), which the build copies out of the module.
declare const TL_PARAMS: string;
declare const TL_PERSONAL: string[];

// Of text as it stands in a URL; the digits of an encoded byte count for nothing. An @ is one however
// often a redirect encoded it.
export const looksLikeId = (segment: string): boolean =>
  /@|%(252525|(25){0,2}40)|^\d{6,}$|^(?=.*\d)(-*[\da-f]){16,}-*$|(?=[a-z]*\d)(?=\d*[a-z])[\da-z]{20}/i.test(
    segment.replace(/%(?!252525|(25){0,2}40)[\da-f]{2}/gi, "."),
  );

const reducedPath = (path: string): string => {
  let out = "";
  for (const segment of path.split("/").slice(1)) {
    const longer = out + "/" + (looksLikeId(segment) ? "*" : segment);
    if (longer.length > 1024) break;
    out = longer;
  }
  return out || "/";
};

/** Host and path of a web address alone, with "*" for what looks like an id or an address. */
export const reducedPlace = ({ origin, pathname }: URL): string => origin + reducedPath(pathname);

const kAddress =
  /^(https?|android-app):\/\/([^/?#]*@)?(\[[^\]]*]|[^@[:/?#]+?)\.*(:[^/?#]*)?(\/[^?#]*)?(\?[^#]*)?(#.*)?$/i;

// At most 800 characters, with no %xx cut apart.
const cut = (value: string): string =>
  /^(.{798,799}(?=%[\da-f]{2})|.{0,800})/i.exec(value)![0];

// "" for what cannot be a click id, "*" for what must not leave.
const clickValue = (name: string, raw: string, permitsMarketing: boolean): string => {
  const value = raw.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  if (!/^[\w.~%=+/*-]+$/.test(value) || value.length > (name == "fbclid" ? 1024 : 512)) return "";
  return permitsMarketing && !TL_PERSONAL.includes(name) ? raw : "*";
};

export type Reduce = (url: string, keepQuery: string, permitsMarketing: boolean) => string;

export const reducer = (): Reduce => {
  const names = TL_PARAMS.split(/[\x80-\xff]/);
  const firstClick = names.indexOf("gclid");
  return (text, keepQuery, permitsMarketing) => {
    const plain = text
      .trim()
      .replace(/[^!#-;=?-[\]-~]/gu, (c) => encodeURIComponent(c).toLowerCase());
    const [, scheme, , host, port = "", path = "", query = ""] = kAddress.exec(plain) ?? [];
    if (!host || host.length > 255) return "";
    const number = +port.slice(1);
    const place = `${scheme}://${host}${number > 0 && number < 65536 ? ":" + number : ""}`;
    let url = place.toLowerCase() + reducedPath(path);
    let separator = "?";
    for (const pair of query.slice(1).split("&")) {
      const [, key, value] = /^([^=]*)=?(.*)$/.exec(pair)!;
      const name = key!.toLowerCase();
      const known = names.indexOf(name);
      if (!name || (known < 0 && !keepQuery.toLowerCase().split(" ").includes(name))) continue;
      const text = /@|%(252525|(25){0,2}40)/.test(value!) && /\.|%2[e5]/i.test(value!) ? "*" : cut(value!);
      const kept = known < firstClick ? text : clickValue(name, value!, permitsMarketing);
      const longer = `${url}${separator}${key}=${kept}`;
      if (longer.length > 2048) continue;
      url = longer;
      separator = "&";
    }
    return url;
  };
};
