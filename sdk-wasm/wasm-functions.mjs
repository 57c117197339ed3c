// SPDX-License-Identifier: Apache-2.0
// The functions of a module that was built with names, and its data, as ranges of its bytes.
const kCustom = 0, kCode = 10, kData = 11, kFunctionNames = 1;

/** [{ name, start, end }] in the module's order, names as C++ has them without parameters; last the data, as "data". */
export const functionsOf = (wasm) => {
  let at = 8; // behind magic number and version
  const number = () => {
    let value = 0, shift = 0, byte;
    do {
      byte = wasm[at++];
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return value >>> 0;
  };
  const text = () => {
    const length = number();
    return wasm.toString("utf8", at, (at += length));
  };
  const functions = [], names = [], data = [];
  while (at < wasm.length) {
    const start = at;
    const id = wasm[at++];
    const length = number();
    const end = at + length;
    if (id == kData) data.push({ name: "data", start, end });
    if (id == kCode)
      for (let left = number(); left; left--) {
        const begin = at;
        const size = number();
        at += size;
        functions.push({ start: begin, end: at });
      }
    if (id == kCustom && text() == "name")
      while (at < end) {
        const kind = wasm[at++];
        const size = number();
        const last = at + size;
        if (kind == kFunctionNames) for (let left = number(); left; left--) names[number()] = text();
        at = last;
      }
    at = end;
  }
  if (!names[0]) throw new Error("the module has no names");
  return [...functions.map((one, i) => ({ ...one, name: names[i].replace(/\((?!anonymous).*/, "") })), ...data];
};
