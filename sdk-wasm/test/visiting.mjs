// SPDX-License-Identifier: Apache-2.0
// For files of tests that each want a new visitor of the shop: one stage a file, as it is by default before
// every test.
import { after, afterEach, before, beforeEach } from "node:test";
import { openStage, until } from "./stage.mjs";

export const kAd = "/landing?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123&secret=1";
export const kNothing = { local: {}, session: {}, cookie: "" };

export let stage;
export let visitor;
before(async () => (stage = await openStage()));
after(() => stage.close());
beforeEach(async () => {
  visitor = await stage.visitor();
  Object.assign(stage, {
    requests: [], asked: [], csp: "", html: "", before: "", setCookie: undefined, scriptOrigin: "", site: "demo", flags: "",
    script: "/throughline.js", named: (path) => path,
    attributes: 'data-consent="granted"',
    respond: () => ({ status: 202, answer: { token: "token-1" } }),
  });
});
afterEach(() => visitor.close());

export const pageViews = (count) =>
  until(`${count} page views`, () => stage.events("page_view").length >= count);
