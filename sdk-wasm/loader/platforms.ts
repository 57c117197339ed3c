// SPDX-License-Identifier: Apache-2.0
// Entry of the consent platforms (throughline.<hash>.c.js), which only data-consent="auto" loads. Like
// the extras it imports nothing of the script.
export { follow } from "./platforms/follow.js";
