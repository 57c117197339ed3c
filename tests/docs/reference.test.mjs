// SPDX-License-Identifier: Apache-2.0
// docs/reference/ is what tools/gen_reference writes from this server and this package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, textOf } from "./blocks.mjs";
import { startAsWritten } from "./served.mjs";

const kPackage = process.env.TL_SDK ? join(process.env.TL_SDK, "web") : join(root, "build/sdk/web");
let served;
before(async () => (served = await startAsWritten()));
after(() => served?.stop());

const generated = (kind, from) => execFileSync(process.execPath, [join(root, "tools/gen_reference"), kind, from], { encoding: "utf8", maxBuffer: 1 << 24 });

for (const [kind, page, from] of [["http", "docs/reference/http-api.md", () => served.url], ["sdk", "docs/reference/sdk.md", () => kPackage]])
  test(`${page} is up to date`, () =>
    assert.equal(textOf(page), generated(kind, from()), `tools/gen_reference ${kind} ${kind == "http" ? "URL of a running server" : "build/sdk/web"} ${page}`));

test("every route and every option is in its page", async () => {
  const { paths } = await (await fetch(`${served.url}/openapi.json`)).json();
  const page = textOf("docs/reference/http-api.md");
  for (const [route, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) assert.ok(page.includes(`\`${method.toUpperCase()} ${route.replace(/\.[0-9a-f]{16}\./, ".HASH.")}\``), route);
  const options = [...textOf("docs/reference/sdk.md").split("### Options")[1].split("###")[0].matchAll(/^\| `(\w+)\??: /gm)].map(([, name]) => name);
  assert.ok(options.length > 20);
  const told = textOf("docs/sdk.md") + textOf("docs/consent.md");
  for (const name of options) {
    const attribute = `data-${name.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
    assert.ok(told.includes(`\`${attribute}\``), `docs/sdk.md does not tell of ${attribute}`);
  }
});
