/** The little of WebAssembly that the store uses; TypeScript ships its types with the browser's alone. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
