/** What a key may reach, in patterns and address ranges; null restricts nothing. */
export const keyAllowances = `
alter table keys
  add column allow_models text[],
  add column allow_routes text[],
  add column allow_addresses text[];
`;
