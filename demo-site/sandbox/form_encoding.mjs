// SPDX-License-Identifier: Apache-2.0
// Stripe's form encoding: `line_items[0][price_data][currency]=eur` becomes nested objects; a level
// whose keys are 0, 1, 2 … becomes an array. Values stay strings, as on Stripe's side.

const FORBIDDEN = new Set(["__proto__", "prototype", "constructor"]);

function pathOf(key) {
  const root = key.indexOf("[");
  if (root < 0) return [key];
  const rest = [...key.slice(root).matchAll(/\[([^\]]*)\]/g)].map((m) => m[1]);
  return [key.slice(0, root), ...rest];
}

function withArrays(value) {
  if (typeof value !== "object") return value;
  const keys = Object.keys(value);
  if (keys.length > 0 && keys.every((key, i) => key === String(i))) return keys.map((key) => withArrays(value[key]));
  return Object.fromEntries(keys.map((key) => [key, withArrays(value[key])]));
}

export function decodeForm(text) {
  const root = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const path = pathOf(key);
    if (path.some((part) => FORBIDDEN.has(part))) continue;
    let level = root;
    for (const part of path.slice(0, -1)) {
      const name = part === "" ? String(Object.keys(level).length) : part;
      if (typeof level[name] !== "object") level[name] = {};
      level = level[name];
    }
    const last = path[path.length - 1];
    level[last === "" ? String(Object.keys(level).length) : last] = value;
  }
  return withArrays(root);
}
