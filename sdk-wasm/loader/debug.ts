// SPDX-License-Identifier: Apache-2.0
// Entry of what data-debug alone loads (throughline.<hash>.d.js). Like the extras it imports nothing of the
// script.
export { explain } from "./explain.js";
