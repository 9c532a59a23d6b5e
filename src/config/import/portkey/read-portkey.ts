import { basename } from 'node:path';
import { weightOf } from '../amounts.ts';
import { type DraftTarget, TARGETS_MAX } from '../draft.ts';
import type { ImportOptions } from '../imported.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import { field, type Inherited, inherit, readTarget } from './portkey-target.ts';

/** What is below one level of a config, laid flat. */
interface Plan {
  readonly weighted: boolean;
  readonly targets: readonly Required<DraftTarget>[];
}

const MODES = new Set(['single', 'fallback', 'loadbalance', 'conditional']);

const NOTHING: Plan = { weighted: false, targets: [] };

/**
 * A gateway config of Portkey. It has no name of its own, so that of the file,
 * or of the saved config around it, becomes the name that clients send.
 *
 * @see portkey.ai/docs/api-reference/inference-api/config-object (read 2026-11-21)
 */
export function readPortkey(root: SourcePart, importer: Importer, options: ImportOptions): void {
  const { config, named, name } = unwrapped(root, options.path);
  const { ledger, draft } = importer;
  const plan = new PortkeyReader(importer, options.model).plan(config, {});
  const mode = config.at('strategy', 'mode');
  if (plan.targets.length === 0) {
    ledger.left(mode, 'none of its targets can be called by its name', 'write a route by hand');
    return;
  }
  if (plan.targets.length > TARGETS_MAX) {
    ledger.left(
      config.at('targets'),
      `a route has at most ${TARGETS_MAX} targets`,
      'write a second route for the rest',
    );
  }
  const place = draft.callable(draft.clientName(name), routeOf(plan, config));
  ledger.carried(mode, place);
  if (named !== undefined) ledger.carried(named, place);
}

/** As it is sent in a header, or as the control plane's API answers it. */
function unwrapped(root: SourcePart, path: string): { config: SourcePart; named?: SourcePart; name: string } {
  const saved = [root.at('data'), root].find((part) => part.at('config').isMapping);
  const fallback = basename(path).replace(/\.[A-Za-z0-9]+$/, '');
  if (saved === undefined) return { config: root, name: fallback };
  const named = saved.oneOf('slug', 'name');
  return { config: saved.at('config'), named, name: named.text ?? fallback };
}

function routeOf({ weighted, targets }: Plan, from: SourcePart) {
  return {
    strategy: weighted ? ('weighted' as const) : ('fallback' as const),
    targets: weighted ? targets : targets.map(({ target }) => ({ target })),
    from: [from.place],
  };
}

class PortkeyReader {
  readonly #importer: Importer;
  readonly #model: string | undefined;

  constructor(importer: Importer, model: string | undefined) {
    this.#importer = importer;
    this.#model = model;
  }

  plan(part: SourcePart, above: Inherited): Plan {
    this.#leaveOthers(part);
    const targets = part.at('targets');
    if (!targets.isList) {
      const target = readTarget(part, above, this.#model, this.#importer);
      return target === undefined ? NOTHING : { weighted: false, targets: [{ target, weight: 1 }] };
    }
    const inherited = inherit(part, above);
    const mode = this.#mode(part.at('strategy', 'mode'));
    if (mode === 'loadbalance') return this.#weighted(targets, inherited);
    if (mode === 'conditional') return this.#conditional(part, inherited);
    // "single" uses the first, and nothing else means more than that.
    const children = mode === 'fallback' ? targets.items() : targets.items().slice(0, 1);
    for (const unused of targets.items().slice(children.length)) {
      this.#importer.ledger.left(unused, 'a single strategy uses the first target only', 'nothing');
    }
    return { weighted: false, targets: distinct(children.flatMap((child) => this.#inOrder(child, inherited))) };
  }

  #mode(part: SourcePart): string | undefined {
    const { ledger } = this.#importer;
    if (part.text === undefined || MODES.has(part.text)) ledger.noted(part);
    else ledger.left(part, 'there is no such strategy here', 'its first target was taken; write a route by hand');
    return part.text;
  }

  #inOrder(child: SourcePart, inherited: Inherited): readonly Required<DraftTarget>[] {
    const { weighted, targets } = this.plan(child, inherited);
    this.#importer.ledger.left(child.at('weight'), 'an order has no weights', 'nothing');
    if (!weighted || targets.length < 2) return targets;
    this.#importer.ledger.left(
      child.at('strategy'),
      'a draw inside an order has no flat form: its targets are tried by weight, the heaviest first',
      'make one weighted route of all targets, if shares matter more',
    );
    return [...targets].sort((a, b) => b.weight - a.weight);
  }

  #weighted(targets: SourcePart, inherited: Inherited): Plan {
    const { ledger } = this.#importer;
    const all = targets.items().flatMap((child): Required<DraftTarget>[] => {
      const plan = this.plan(child, inherited);
      const written = child.at('weight');
      const share = written.present ? weightOf(written) : 1;
      if (share === undefined) {
        ledger.left(written, 'a target of this weight is never drawn', 'it is not among the targets of the route');
        return [];
      }
      ledger.carried(written, 'routes.*.targets');
      if (plan.weighted) return shared(plan.targets, share);
      const [first, second] = plan.targets;
      if (second !== undefined) {
        ledger.left(
          child.at('strategy'),
          'an order inside a draw has no flat form: its first target takes the share',
          'after a failure the other targets of the draw are tried; add the rest with a small weight',
        );
      }
      return first === undefined ? [] : [{ target: first.target, weight: share }];
    });
    return { weighted: true, targets: distinct(all) };
  }

  /** Each target gets a name that clients can send; what chose between them is theirs to decide. */
  #conditional(part: SourcePart, inherited: Inherited): Plan {
    const { ledger, draft } = this.#importer;
    const strategy = part.at('strategy');
    ledger.left(
      strategy.at('conditions'),
      'conditions are not evaluated',
      'clients send the name of the target they mean',
    );
    let plan = NOTHING;
    for (const child of part.at('targets').items()) {
      const own = this.plan(child, inherited);
      const name = child.at('name');
      if (own.targets.length > 0 && name.text !== undefined) {
        ledger.carried(name, draft.callable(draft.clientName(name.text), routeOf(own, child)));
      }
      if (name.text !== undefined && name.text === strategy.at('default').text) {
        plan = own;
        ledger.carried(strategy.at('default'), 'routes');
      }
    }
    return plan;
  }

  #leaveOthers(part: SourcePart): void {
    const { ledger } = this.#importer;
    for (const [names, why, instead] of LEFT) {
      for (const name of names) ledger.left(field(part, name), why, instead);
    }
    const codes = field(part.at('strategy'), 'on_status_codes');
    ledger.left(codes, 'Leeward decides by the failure whether to try the next target', 'nothing');
    for (const [name, value] of field(part, 'override_params').members()) {
      if (name !== 'model') ledger.left(value, "Leeward does not change a client's request", 'let clients send it');
    }
    // A name is what conditions refer to, and nothing else.
    ledger.noted(part.at('name'));
  }
}

type LeftFields = readonly [names: readonly string[], why: string, instead: string];

const LEFT: readonly LeftFields[] = [
  [
    ['retry'],
    'a target is tried again only where there is no other, 3 attempts in all',
    'nothing, or lower attempts_max of the route',
  ],
  [['cache'], 'there is no response cache', 'nothing'],
  [
    [
      'input_guardrails',
      'output_guardrails',
      'before_request_hooks',
      'after_request_hooks',
      'default_input_guardrails',
      'default_output_guardrails',
    ],
    'there are no guardrails',
    'check prompts before the call',
  ],
  [['forward_headers'], 'headers travel by a fixed list', 'declare them below headers of the provider'],
  [['metadata'], 'a config adds no metadata', 'clients send x-leeward-metadata'],
];

function shared(targets: readonly Required<DraftTarget>[], share: number): Required<DraftTarget>[] {
  const whole = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ target, weight }) => ({ target, weight: rounded((share * weight) / whole) }));
}

function rounded(weight: number): number {
  return Math.min(1_000_000, Math.max(0.000_001, Math.round(weight * 1e6) / 1e6));
}

/** One target once, with all that its mentions weigh. */
function distinct(all: readonly Required<DraftTarget>[]): Required<DraftTarget>[] {
  const targets = new Map<string, Required<DraftTarget>>();
  for (const { target, weight } of all) {
    targets.set(target, { target, weight: rounded(weight + (targets.get(target)?.weight ?? 0)) });
  }
  return [...targets.values()];
}
