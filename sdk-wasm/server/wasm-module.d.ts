declare module "TL_MODULE" {
  const module: WebAssembly.Module;
  export default module;
}
