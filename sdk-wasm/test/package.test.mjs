// SPDX-License-Identifier: Apache-2.0
// The npm package as a site's bundler or server would meet it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { ids, open, openStage, until } from "./stage.mjs";

const folder = process.env.TL_SDK ?? new URL("../../build/sdk", import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${folder}/web/package.json`, "utf8"));

let stage;
before(async () => (stage = await openStage()));
after(() => stage.close());

const paths = (node) => (typeof node == "string" ? [node] : Object.values(node).flatMap(paths));

test("every file that the package names is there, and it has no dependencies", () => {
  const named = [manifest.main, manifest.module, manifest.types, manifest.unpkg, manifest.jsdelivr];
  for (const path of [...named, ...manifest.sideEffects, ...paths(manifest.exports)])
    assert.ok(existsSync(`${folder}/web/${path}`), path);
  assert.equal(manifest.dependencies, undefined);
  for (const peer of Object.keys(manifest.peerDependencies))
    assert.deepEqual(manifest.peerDependenciesMeta[peer], { optional: true });
});

test("it may be imported on a server, where every call is without effect", async () => {
  const { init, throughline } = await import(`${folder}/web/dist/silent.mjs`);
  assert.equal(throughline.track("early"), null);
  const tl = init({ site: "demo", key: "wk_demo" });
  assert.deepEqual(
    [tl.getSessionId(), tl.getAnonymousId(), tl.track("x"), tl.page(), tl.getAttribution(), tl.consent()],
    [null, null, null, null, { first: null, last: null }, { storage: null, marketing: null }],
  );
  assert.deepEqual(tl.checkoutStarted({ url: "https://x.example" }), { url: "https://x.example", metadata: {}, clientReferenceId: null });
  await tl.flush();
});

for (const file of ["index.mjs", "asset.mjs"])
  test(`${file} works in a page`, async () => {
    stage.requests.length = 0;
    const visitor = await stage.visitor();
    const page = await open(visitor, stage.shop + "/plain?utm_source=module");
    const before = await page.evaluate(async (file) => {
      const { init } = await import(`/web/dist/${file}`);
      window.Throughline = init({ site: "demo", key: "wk_demo", consent: "granted", sessionTimeout: 10 });
      Throughline.track("called_at_once");
      return Throughline.getSessionId();
    }, file);
    await until("both events", () => stage.events("called_at_once").length);

    const [, sessionId] = await ids(page);
    if (file == "index.mjs") assert.equal(before, sessionId);
    assert.deepEqual(stage.events().map(({ n, sid }) => [n, sid]), [["page_view", sessionId], ["called_at_once", sessionId]]);
    assert.equal(stage.batches()[0].ru.to, 600_000);
    await visitor.close();
  });

test("the package follows a consent platform as the script does", async () => {
  stage.requests.length = 0;
  const visitor = await stage.visitor();
  const page = await open(visitor, stage.shop + "/plain?utm_source=module");
  await page.evaluate(async () => {
    window.Cookiebot = { consent: { method: "explicit", statistics: true, marketing: false }, hasResponse: true };
    const { init } = await import("/web/dist/index.mjs");
    window.Throughline = init({ site: "demo", key: "wk_demo", consent: "auto" });
  });
  await until("the view", () => stage.events("page_view").length);
  assert.deepEqual(stage.events("page_view")[0].c, { s: 1, m: 0 });
  await visitor.close();
});
