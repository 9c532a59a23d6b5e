import { z } from 'zod';
import { configState } from './status.ts';

const section = z.record(z.string(), z.unknown());

/** Loose: its sections have the words of `leeward.yaml`, whose own schema describes them. */
export const effectiveConfig = z
  .looseObject({
    version: z.string(),
    path: z.string().nullable(),
    server: section,
    providers: section,
    aliases: section,
    routes: section,
    policies: section,
    keys: section,
    prices: z.array(section).readonly(),
  })
  .meta({
    id: 'EffectiveConfig',
    description:
      'What is in force, complete with defaults, in the words of leeward.yaml. Secrets stand as [secret]; each provider, route, alias and key says its origin.',
  });

export const reloadResult = z
  .object({
    outcome: z
      .enum(['applied', 'unchanged', 'failed'])
      .describe('After failed everything is as it was, and config.last_error says why.'),
    config: configState,
  })
  .meta({ id: 'ReloadResult' });

export const route = z
  .object({
    kind: z.enum(['route', 'alias']),
    name: z.string().describe('What a client sends as model; a route as route/<name>.'),
    origin: z.string(),
    strategy: z.enum(['fallback', 'weighted']).nullable().describe('Null for an alias.'),
    targets: z.array(z.object({ target: z.string(), weight: z.number() })),
    attempts_max: z.int().nullable(),
    timeout_ms: z.int().nullable().describe('For the whole call.'),
  })
  .meta({ id: 'Route' });
