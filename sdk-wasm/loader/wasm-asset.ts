// SPDX-License-Identifier: Apache-2.0
// The module's bytes as a file beside this one, for bundlers that ship assets.
export const wasmBytes = (): Promise<BufferSource> =>
  fetch(new URL("./throughline.wasm", import.meta.url)).then((answer) => answer.arrayBuffer());
