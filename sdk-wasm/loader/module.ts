// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web in a browser.
import { api } from "./api.js";

export const init = api.init;
export type * from "./types.js";
