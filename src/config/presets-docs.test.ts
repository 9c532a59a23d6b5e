import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PRESETS, type Preset } from './presets.ts';

test('the decision on clients that leave says of each preset what happens', () => {
  const page = readFileSync(new URL('../../docs/decisions/clients-that-leave.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (abort|drain) \| (abort|drain) \|$/gm)];
  const documented = Object.fromEntries(rows.map(([, name, stream, answer]) => [name, { stream, answer }]));
  const presets: Readonly<Record<string, Preset>> = PRESETS;
  const inForce = Object.entries(presets).map(([name, { stopsBillingOnCancel, local }]) => [
    name,
    { stream: stopsBillingOnCancel === true ? 'abort' : 'drain', answer: local ? 'abort' : 'drain' },
  ]);
  expect(documented).toEqual(Object.fromEntries(inForce));
});
