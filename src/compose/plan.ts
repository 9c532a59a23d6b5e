import { openCatalog } from '../catalog/packaged.ts';
import type { Clock } from '../kernel/clock.ts';
import { billOf } from '../money/plan/bill.ts';
import type { PlanProblem } from '../money/plan/plan.ts';
import { type PlanDocument, planDocument } from '../money/plan/plan-document.ts';
import { mappingOf, nodeAt, overlaid, type PlanNode } from '../money/plan/plan-node.ts';
import { planSource } from '../money/plan/plan-source.ts';
import { readPlan } from '../money/plan/read-plan.ts';
import { type RecordedModel, recordedRoutes } from '../money/plan/recorded.ts';
import { catalogPriceBook } from './plan-models.ts';

/** What a plan is made of; what comes later wins, key by key. */
export interface PlanRequest {
  /** Whose refreshed price list counts, when it has one. */
  readonly dataDir: string;
  readonly recorded?: { readonly models: readonly RecordedModel[]; readonly days: number };
  readonly file?: { readonly name: string; readonly text: string };
  /** What flags say. `*` in a path is the plan's only route. */
  readonly flags: readonly { readonly flag: string; readonly path: readonly string[]; readonly value: string }[];
}

export interface PlanReport {
  /** Absent when there are problems. */
  readonly document: PlanDocument | undefined;
  readonly problems: readonly PlanProblem[];
}

export type { PlanProblem } from '../money/plan/plan.ts';
export type { PlanDocument } from '../money/plan/plan-document.ts';
export type { RecordedModel } from '../money/plan/recorded.ts';

const MILLION = 1_000_000n;

/**
 * What a month of a plan would cost.
 *
 * @throws `invalid_request` for a file that is no YAML; what is wrong inside it is among the problems
 */
export function planReport({ dataDir, recorded, file, flags }: PlanRequest, clock: Clock): PlanReport {
  const { catalog } = openCatalog(dataDir);
  const book = catalogPriceBook(catalog, clock);
  let root: PlanNode = mappingOf('the command line', []);
  if (recorded !== undefined) {
    const days = { num: BigInt(Math.round(recorded.days * Number(MILLION))), den: MILLION };
    root = overlaid(root, recordedRoutes(recorded.models, days, book));
  }
  if (file !== undefined) root = overlaid(root, planSource(file.name, file.text));
  const problems: PlanProblem[] = [];
  for (const { flag, path, value } of flags) {
    const full = pathOf(path, root);
    if (full === undefined) {
      problems.push({ place: flag, field: 'routes', value, allowed: 'a plan with one route: say it in the file' });
    } else root = overlaid(root, nodeAt(flag, full, value));
  }
  const read = readPlan(root, book);
  problems.push(...read.problems);
  if (problems.length > 0) return { document: undefined, problems };
  const bills = read.plans.map((plan) => ({ plan, bill: billOf(plan) }));
  return { document: planDocument({ root, pricesVersion: catalog.header.version }, bills), problems };
}

/** With the route's name in the place of `*`: the only one's, or `calls` where there is none yet. */
function pathOf(path: readonly string[], root: PlanNode): readonly string[] | undefined {
  if (!path.includes('*')) return path;
  const routes = root.value instanceof Map ? (root.value as ReadonlyMap<string, PlanNode>).get('routes')?.value : [];
  const names = routes instanceof Map ? [...(routes as ReadonlyMap<string, PlanNode>).keys()] : [];
  if (names.length > 1) return undefined;
  return path.map((step) => (step === '*' ? (names[0] ?? 'calls') : step));
}
