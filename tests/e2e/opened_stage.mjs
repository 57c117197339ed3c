// SPDX-License-Identifier: Apache-2.0
// The stage and the browser that the journeys of one file share; both end with the file's tests.
import { after } from "node:test";
import { startStage } from "./stage.mjs";
import { launchBrowser } from "./visitor.mjs";

export async function openStage(options) {
  const stage = await startStage(options);
  after(() => stage.stop());
  const browser = await launchBrowser();
  after(() => browser.close());
  return { stage, browser };
}
