// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web in a browser.
import { api } from "./api.js";
import type { Throughline } from "./types.js";

export const init: Throughline["init"] = api.init;
/** The one SDK of the page; before init() its answers are null or empty. */
export const throughline: Throughline = api;
export type * from "./types.js";
