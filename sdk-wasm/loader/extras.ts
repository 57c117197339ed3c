// SPDX-License-Identifier: Apache-2.0
// Entry of the extras (throughline.<hash>.x.js): what they offer to the script, each called by name
// through extra(). They import nothing of the script; what they need of it is given to them.
export { hashContacts } from "./contact.js";
export { masker } from "./mask.js";
export { reducer } from "./reduce.js";
export { watchVideo } from "./video.js";
