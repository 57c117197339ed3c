// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/astro: an integration that starts the SDK on every page.
import type { Options } from "@throughline/web";

interface Integration {
  name: string;
  hooks: {
    "astro:config:setup": (setup: {
      injectScript: (stage: "page", content: string) => void;
    }) => void;
  };
}

export const throughlineIntegration = (options: Options): Integration => ({
  name: "@throughline/web",
  hooks: {
    "astro:config:setup": ({ injectScript }) =>
      injectScript("page", `import{init}from"@throughline/web";init(${JSON.stringify(options)})`),
  },
});
