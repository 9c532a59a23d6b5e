/** For readiness. While it is not open, statements are refused with a 503 and the journal goes on. */
export type StoreState =
  | { readonly state: 'open' }
  | { readonly state: 'restarting'; readonly reason: string }
  | { readonly state: 'closed'; readonly reason: string };
