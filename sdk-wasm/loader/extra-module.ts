// SPDX-License-Identifier: Apache-2.0
// The same for the npm package, whose bundler finds the files by the imports. The build puts this in
// the place of extra-script.ts.
export const loadFor = (name: string): Promise<Record<string, unknown>> =>
  name == "follow"
    ? import("./platforms.mjs" as string)
    : /^(more|dec)/.test(name)
      ? import("./more.mjs" as string)
      : name == "explain"
        ? import("./debug.mjs" as string)
        : import("./extras.mjs" as string);
