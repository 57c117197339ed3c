// SPDX-License-Identifier: Apache-2.0
// The loader's own TypeScript under Node, for vectors of what the page does without the core.
import { createHash } from "node:crypto";
import { build } from "../../sdk-wasm/node_modules/esbuild/lib/main.js";

const loader = new URL("../../sdk-wasm/loader/", import.meta.url).pathname;

/** A module of the loader that needs no browser; `define`: what the build would put in. */
export const loaderModule = async (file, define = {}) => {
  const { outputFiles } = await build({
    entryPoints: [loader + file], bundle: true, write: false, format: "esm", target: "es2022", define,
  });
  return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].text).toString("base64"));
};

const { handOver } = await loaderModule("handover.ts");
const text = (value = "") =>
  typeof value === "string" ? value
  : Array.isArray(value) ? value.map(text).join("")
  : value.b64 !== undefined ? Buffer.from(value.b64, "base64").toString()
  : value.rep.repeat(value.n);
const shown = (result) => {
  const bytes = Buffer.from(result);
  if (bytes.length <= 4096) return result;
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
};
const handed = ({ aid, sid, t = 0 }) => handOver(aid && sid ? `${aid}.${sid}` : "", Number(t));

/** The operations that run in the loader, by name. */
export const pageOperations = {
  metadata: (input) => JSON.stringify(handed(input).metadata),
  decorate: (input) => ({ url: shown(handed(input).decorated(text(input.u))) }),
};
