import { z } from 'zod';
import { PRIORITIES } from '../../protocol/priority.ts';
import { keyCap } from './budgets.ts';
import { asked, instant, pageQuery } from './leaves.ts';

export const keysQuery = z.strictObject({ ...pageQuery, project: asked.optional() });

const names = z.array(z.string().max(256)).min(1).max(100);
const nameList = z.array(z.string()).nullable();

/** `POST /admin/keys` takes it. */
export const newKey = z.strictObject({
  name: z.string().trim().min(1).max(200),
  parent: z
    .string()
    .max(128)
    .optional()
    .describe('The id of the key that it is a sub-key of, in whose project it then is.'),
  project: z.string().max(64).optional().describe('Absent: the default project.'),
  scopes: z
    .array(z.string().max(64))
    .max(20)
    .optional()
    .describe('What it may do besides calling models, such as metrics.'),
  expires_at: z.iso.datetime({ offset: true }).optional(),
  allow: z
    .strictObject({ models: names.optional(), routes: names.optional(), addresses: names.optional() })
    .optional()
    .describe("What it may reach. A part that is left out restricts nothing; its parents' rules hold as well."),
  cap: keyCap
    .optional()
    .describe('A budget of its own, in force before its first call. The caps of its parents hold as well.'),
});

export const key = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('The first characters, by which an owner recognises it. Empty for a key of the file.'),
    last4: z.string(),
    organisation: z.string(),
    project: z.string(),
    parent: z.string().nullable(),
    scopes: z.array(z.string()),
    allow: z
      .object({
        models: nameList.describe('Patterns of provider/model that its calls may go to.'),
        routes: nameList.describe('Routes and aliases that it may name; direct stands for a model of a provider.'),
        addresses: nameList.describe('IP addresses and ranges that its calls may come from.'),
        priority_max: z.enum(PRIORITIES).nullable().describe('The highest priority that its calls may claim.'),
      })
      .describe('Its own rules, null where it restricts nothing; those of its parents hold as well.'),
    created_at: instant,
    created_by: z.string(),
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
    origin: z.enum(['database', 'file']).describe('A key of the file is changed there and nowhere else.'),
    declared_in: z.string().nullable().describe('The file.'),
  })
  .meta({ id: 'Key' });

export const createdKey = z
  .object({
    ...key.shape,
    budget: z.string().nullable().describe('The id of its cap.'),
    key: z.string().describe('The secret. It is not kept and never shown again.'),
  })
  .meta({ id: 'CreatedKey' });
