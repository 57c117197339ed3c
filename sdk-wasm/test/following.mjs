// SPDX-License-Identifier: Apache-2.0
// For tests of data-consent="auto": the platforms as scripts of a page, what their buttons do, and what the
// browser then holds and has sent.
import { platformKeys, doubles } from "./platform_doubles.mjs";
import { realPlatforms } from "./real_platforms.mjs";
import { ids, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

export const kAd = "/landing?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123";
export const kNoIds = [null, null];

const standIn = (stand) => `<script>(${stand})()</script>`;
export const scripts = {
  ...Object.fromEntries(Object.entries(doubles).map(([name, stand]) => [name, standIn(stand)])),
  ...Object.fromEntries(Object.entries(realPlatforms).map(([name, { script }]) => [name, `<script>${script.replaceAll("</script", "<\\/script")}</script>`])),
};
export const receiptName = (name) => name.replace(/ \d$/, "");

export const accept = (page) => page.evaluate(() => banner.accept());
export const refuse = (page) => page.evaluate(() => banner.refuse());
export const receipts = () => stage.requests.filter(({ path }) => path == "/api/consent").map(({ body }) => body);
export const events = () => stage.batches().flatMap(({ e }) => e).filter(({ an }) => !an);
export const granted = (page) => until("an id", async () => (await ids(page))[1]);

/** Everything that the browser holds, HttpOnly cookies too, but what the platforms keep themselves. */
export const ours = async (page) => {
  const stored = await page.evaluate(() => ({ ...localStorage, ...sessionStorage }));
  const bases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  const names = [...Object.keys(stored), ...bases, ...(await visitor.cookies()).map(({ name }) => name)];
  return Object.fromEntries(names.filter((name) => !platformKeys.test(name)).map((name) => [name, stored[name] ?? "cookie"]));
};

/** Every request of any method but those for the page and the script's files. */
export const calls = () => stage.asked.filter(({ path }) => !/^\/(throughline\.|landing$|plain$|favicon)/.test(path)).map(({ method, path }) => `${method} ${path}`);

/** The file with the platforms has come, and has looked more than once. */
export const followed = async (page) => {
  await until("the platforms", () => page.evaluate(() => performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.endsWith(".c.js") && responseEnd)));
  await pause(300);
};
