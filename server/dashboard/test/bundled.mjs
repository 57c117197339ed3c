// SPDX-License-Identifier: Apache-2.0
// A module of the dashboard as Node can import it: bundled as for the browser.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export async function bundled(path) {
  const entry = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}
