import type { Checks } from '../parts/checks.ts';
import { proveCanaries } from './canaries.ts';
import { proveFiles } from './files.ts';
import { proveGuards } from './guards.ts';
import { proveHeaders } from './headers.ts';
import { proveHosts } from './hosts.ts';
import type { House, HouseOptions } from './house.ts';
import { proveInjections } from './injections.ts';
import { provePage } from './page.ts';
import { provePaths } from './paths.ts';
import { proveTenants } from './tenants.ts';
import { proveTiming } from './timing.ts';

/** One part of the proof. The canaries come last: they stop the gateway and damage what it has written. */
interface Part {
  readonly mode: HouseOptions['mode'];
  prove(house: House, checks: Checks, quick: boolean): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export const PARTS = {
  guards: { mode: 'serve', prove: proveGuards },
  paths: { mode: 'serve', prove: provePaths },
  headers: { mode: 'serve', prove: proveHeaders },
  hosts: { mode: 'serve', prove: proveHosts },
  tenants: { mode: 'serve', prove: proveTenants },
  timing: { mode: 'serve', prove: proveTiming },
  injections: { mode: 'serve', prove: proveInjections },
  files: { mode: 'dev', prove: proveFiles },
  page: { mode: 'dev', prove: provePage },
  canaries: { mode: 'serve', prove: proveCanaries },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;
