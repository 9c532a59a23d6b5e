import { SABOTAGES } from '../../support/sabotage/list.ts';
import type { PartName } from './parts.ts';

/** Which part is about what a sabotage breaks: only that part is run against it. */
const NOTICED_BY: Readonly<Record<string, PartName>> = {
  'open-the-admin-door': 'guards',
  'let-strangers-ask': 'guards',
  'keep-the-revoked': 'guards',
  'guard-by-prefix': 'guards',
  'any-scope-reads-metrics': 'guards',
  'trust-any-host': 'paths',
  'read-the-last-host': 'paths',
  'hand-everything-on': 'headers',
  'follow-the-caller': 'hosts',
  'keep-answers-for-all': 'tenants',
  'keep-conversations-for-all': 'tenants',
  'take-a-key-from-the-address': 'guards',
  'compare-until-they-differ': 'timing',
  'trust-a-model-name': 'injections',
  'show-markup': 'page',
  'let-any-origin-read': 'page',
  'show-the-key-to-all': 'files',
  'repeat-the-credential': 'canaries',
  'log-the-prompt': 'canaries',
  'store-the-key': 'canaries',
  'keep-what-a-provider-echoes': 'canaries',
};

export interface Break {
  readonly name: string;
  readonly part: PartName;
}

/** The sabotages that this proof promises to notice. @throws when one has no part that looks for it */
export const BREAKS: readonly Break[] = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('security')).map(
  ({ name }) => {
    const part = NOTICED_BY[name];
    if (part === undefined) throw new Error(`no part of the proof is said to notice ${name}`);
    return { name, part };
  },
);
