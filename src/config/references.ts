/** What a model string means: `route/<name>`, `provider/model` or an alias. */
export type Reference =
  | { readonly kind: 'route'; readonly name: string }
  | { readonly kind: 'model'; readonly provider: string; readonly model: string }
  | { readonly kind: 'alias'; readonly name: string };

/** The first slash divides: a model's own name may hold more of them (`openrouter/meta/llama`). */
export function readReference(text: string): Reference {
  const slash = text.indexOf('/');
  if (slash < 0) return { kind: 'alias', name: text };
  const head = text.slice(0, slash);
  const tail = text.slice(slash + 1);
  return head === 'route' ? { kind: 'route', name: tail } : { kind: 'model', provider: head, model: tail };
}
