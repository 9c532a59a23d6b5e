/** The little of WebAssembly that the store uses; TypeScript ships its types with the browser's alone. */
// biome-ignore lint/style/noNamespace: it is a namespace in the language’s own types, which this stands in for
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
