// SPDX-License-Identifier: Apache-2.0
// Numbers, money, times and names as people read them. Absent values are an en dash, so that columns
// stay aligned and nobody takes "nothing known" for zero.

export const NONE = "–";
const LOCALE = "en-GB";

type Maybe = number | null | undefined;
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

const cache = new Map<string, Intl.NumberFormat>();
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = cache.get(key);
  if (!format) cache.set(key, (format = new Intl.NumberFormat(LOCALE, options)));
  return format;
}

// Minor units of a currency by ISO 4217, as the browser knows them.
export function minorDigits(currency: string): number {
  try {
    return numberFormat({ style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

export function major(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

// `short`: no fraction from a thousand on; `places` overrides both.
export function money(minor: Maybe, currency: string, short = false, places?: number): string {
  if (!isNumber(minor)) return NONE;
  const value = major(minor, currency);
  const digits = places ?? (short && Math.abs(value) >= 1000 ? 0 : minorDigits(currency));
  try {
    return numberFormat({ style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  } catch {
    return `${value.toFixed(digits)} ${currency}`;
  }
}

// `least`: digits that also stand when they are 0.
export function count(value: Maybe | string, digits = 0, least = 0): string {
  const number = typeof value === "string" ? Number(value) : value;
  if (!isNumber(number)) return NONE;
  return numberFormat({ minimumFractionDigits: least, maximumFractionDigits: digits }).format(number);
}

// Credits are shares of conversions: two places when they are no whole number.
export function credits(value: Maybe | string): string {
  const number = Number(value ?? Number.NaN);
  if (!Number.isFinite(number)) return NONE;
  const digits = Math.abs(number - Math.round(number)) < 0.005 ? 0 : number < 100 ? 2 : 1;
  return numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);
}

export function percent(rate: Maybe, digits = 1): string {
  if (!isNumber(rate)) return NONE;
  return numberFormat({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(rate);
}

export function ratio(value: Maybe): string {
  if (!isNumber(value)) return NONE;
  return `${numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value)}×`;
}

export function days(value: Maybe): string {
  if (!isNumber(value)) return NONE;
  if (value === 0) return "< 1 day";
  return `${numberFormat({ maximumFractionDigits: 1 }).format(value)} ${value === 1 ? "day" : "days"}`;
}

// Relative change against before; null when there is nothing to compare with, nor from below zero to above.
export function change(now: Maybe, before: Maybe): number | null {
  if (!isNumber(now) || !isNumber(before) || before === 0 || (before < 0 && now > 0)) return null;
  return (now - before) / Math.abs(before);
}

export function signed(rate: number | null): string {
  if (rate === null) return NONE;
  // Against a handful a percentage says nothing.
  if (rate >= 99) return "far more";
  if (rate >= 9) return `${count(rate + 1)} times`;
  if (rate < -1) return "below zero";
  return `${rate > 0 ? "+" : rate < 0 ? "−" : "±"}${Math.abs(rate * 100).toFixed(Math.abs(rate) < 0.0995 ? 1 : 0)} %`;
}

export function duration(seconds: Maybe): string {
  if (!isNumber(seconds)) return NONE;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${String(Math.round((seconds % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

// Times are shown in the site's own zone, so that they agree with its days.
export function time(at: string | number | null | undefined, zone: string, withSeconds = false): string {
  if (at === null || at === undefined || at === "") return NONE;
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return NONE;
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) }).format(moment);
}

export function clock(at: string | number, zone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(at));
}

// "2026-09-21" as "21 Sep 2026".
export function day(text: string, withYear = true): string {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", day: "numeric", month: "short", ...(withYear ? { year: "numeric" } : {}) }).format(new Date(`${text}T00:00:00Z`));
}

export function span(from: string, to: string): string {
  if (from === to) return day(from);
  return `${day(from, from.slice(0, 4) !== to.slice(0, 4))} – ${day(to)}`;
}

const WORDS: Record<string, string> = {
  ios: "iOS", macos: "macOS", chromeos: "ChromeOS", xr: "XR", tv: "TV", email: "E-mail", android_webview: "Android app", ios_webview: "iOS app",
  ai: "AI", ai_assistant: "AI assistants", paid_social: "Paid social", sms: "SMS", meta: "Meta", posthog: "PostHog", paypal: "PayPal", woocommerce: "WooCommerce", lemonsqueezy: "Lemon Squeezy", gocardless: "GoCardless", api: "API", url: "URL",
  organic_search: "Organic search", organic_social: "Organic social", unattributed: "Unattributed", api_key: "API key",
};
// snake_case words of the API as people write them.
export function word(name: string | null | undefined): string {
  if (!name) return NONE;
  return WORDS[name] ?? (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");
}

const MODELS: Record<string, [string, string]> = {
  first_touch: ["First touch", "All to the first touch: what begins journeys."],
  last_touch: ["Last touch", "All to the last touch; to a direct visit where the site's rules keep those."],
  last_non_direct: ["Last non-direct", "All to the last touch that was no direct visit."],
  linear: ["Linear", "The same to every touch."],
  time_decay: ["Time decay", "More to touches close to the conversion."],
  position_u: ["U-shaped", "40 % first, 40 % last, the rest between."],
  position_j: ["J-shaped", "20 % first, 60 % last, the rest between."],
  position_inv_j: ["Inverse J", "60 % first, 20 % last, the rest between."],
  position: ["Position based", "The site's own weights for first, middle, last."],
  w_shaped: ["W-shaped", "First touch, lead and opportunity weigh most."],
  full_path: ["Full path", "First, lead, opportunity and close weigh most."],
  participation: ["Participation", "The whole order to every channel on its path: lines share orders and have no sum."],
  shapley: ["Shapley", "Average marginal share over observed paths."],
};
export const isDataDriven = (model: string): boolean => model === "shapley" || model.startsWith("markov");

function parameterText(parameter: string): string {
  const [key = "", value = ""] = parameter.split("=");
  const hours = Number(value) / 3_600_000;
  const text = hours % 24 === 0 && hours >= 48 ? `${hours / 24} d` : `${+hours.toFixed(1)} h`;
  if (key === "tau_ms") return `τ ${text}`;
  if (key === "half_life_ms") return `half-life ${text}`;
  return "";
}

export function modelName(model: string): string {
  const [base = "", parameter] = model.split(":");
  const markov = /^markov_(\d)(_per_conversion)?$/.exec(base);
  const name = markov ? `Markov, order ${markov[1]}${markov[2] ? ", per conversion" : ""}` : (MODELS[base]?.[0] ?? word(base));
  const detail = parameter ? parameterText(parameter) : "";
  return detail ? `${name}, ${detail}` : name;
}

export function modelText(model: string): string {
  if (model.startsWith("markov")) return "By what conversions would be lost without the channel, learned every night.";
  return MODELS[model.split(":")[0] ?? ""]?.[1] ?? "";
}

// A path as its readers write it: letters decoded, all else as it came (an invisible one could hide what follows).
export function readable(path: string): string {
  return path.replace(/(?:%[89a-f][0-9a-f])+/gi, (run) => {
    try {
      const text = decodeURIComponent(run);
      return /[\p{C}\p{Z}]/u.test(text) ? run : text;
    } catch {
      return run;
    }
  });
}

export const NOT_INCREMENTAL = "Describes observed paths, does not measure incrementality.";

export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    let text = value === null ? "" : String(value);
    // A spreadsheet must not run what a visitor put into a campaign name.
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
