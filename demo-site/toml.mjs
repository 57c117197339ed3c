// SPDX-License-Identifier: Apache-2.0
// Tables of the server's configuration as TOML text. JSON's strings, numbers and booleans are TOML's.
const value = (given) => {
  if (Array.isArray(given)) return `[${given.map(value).join(", ")}]`;
  if (typeof given === "object") return `{ ${Object.entries(given).map(([name, held]) => `${name} = ${value(held)}`).join(", ")} }`;
  return JSON.stringify(given);
};

export const table = (name, settings) => `  [${name}]\n${Object.entries(settings).map(([key, held]) => `  ${key} = ${value(held)}\n`).join("")}`;
