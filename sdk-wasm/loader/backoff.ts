// SPDX-License-Identifier: Apache-2.0
// Failures in a row, and the growing pause before the next try.
export let failures = 0;

export const countFailure = (): void => {
  failures++;
};
export const forgetFailures = (): void => {
  failures = 0;
};
export const pauseMs = (): number => Math.min(6e4, 500 * 2 ** failures) * (0.5 + Math.random());
