// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { statesOf } = await bundled("views/deliveries.ts");

test("a destination that has dead letters says so, and is not simply in order", () => {
  assert.deepEqual(statesOf({ state: "ok", deliveries: { delivered: 17 } }), ["ok"]);
  assert.deepEqual(statesOf({ state: "ok", deliveries: { delivered: 17, dead: 0 } }), ["ok"]);
  assert.deepEqual(statesOf({ state: "ok", deliveries: { delivered: 17, dead: 1 } }), ["dead_letters"]);
  assert.deepEqual(statesOf({ state: "backing_off", deliveries: { dead: 1 } }), ["backing_off", "dead_letters"]);
});
