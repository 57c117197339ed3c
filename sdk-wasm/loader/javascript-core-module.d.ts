// What the build puts in: the module as JavaScript (CMakeLists.txt: throughline.core.mjs).
declare module "TL_JAVASCRIPT_CORE" {
  export const memory: WebAssembly.Memory;
  export function i(): number;
  export function d(bytes: number, ...numbers: number[]): number;
  export function s(bytes: number): number;
}
