import type { Random } from '../../kernel/random.ts';
import type { Shape, UsagePlace } from '../dialect.ts';
import { drawMs, drawSumMs, type Latency } from '../latency.ts';
import { endlessProse } from '../prose/prose.ts';
import type { StreamEvent } from '../script.ts';
import { type Choice, type Unit, unitsOf, unitTokens } from './choice.ts';

/** How chat and legacy completions write their chunks; each method gives a whole event. */
export interface ChunkForm {
  opening(choice: Choice): string | undefined;
  unit(choice: Choice, unit: Unit): string;
  finish(choice: Choice): string;
  /** The usage chunk; absent when it was not asked for. */
  readonly usage?: string;
  readonly usagePlace: UsagePlace;
}

export interface StreamTiming {
  readonly latency: Latency;
  readonly random: Random;
}

/** Hidden tokens are told to the books in portions, so that a call cancelled while thinking shows what was thought. */
const THOUGHT_PORTION_TOKENS = 16;

/** The events of a stream: all choices side by side, one token of each at a time. */
export function* choiceEvents(
  choices: readonly Choice[],
  form: ChunkForm,
  timing: StreamTiming,
  shape: Shape,
): Generator<StreamEvent, void, undefined> {
  for (const choice of choices) {
    const text = form.opening(choice);
    if (text !== undefined) yield { afterMs: 0, text, tokens: 0, part: 'open' };
  }
  yield* thoughts(choices, timing);
  let lanes = choices.map((choice) => ({ choice, units: endlessly(unitsOf(choice), shape, timing.random) }));
  for (let round = 0; lanes.length > 0; round++) {
    let afterMs = round === 0 ? 0 : (shape.endless?.intervalMs ?? drawMs(timing.latency.perToken, timing.random));
    const going: typeof lanes = [];
    for (const lane of lanes) {
      const next = lane.units.next();
      if (next.done) {
        yield { afterMs: 0, text: form.finish(lane.choice), tokens: 0, part: 'finish' };
        continue;
      }
      const thought = next.value.kind === 'thought';
      const text = form.unit(lane.choice, next.value);
      yield { afterMs, text, tokens: unitTokens(next.value), part: 'delta', thought };
      afterMs = 0;
      going.push(lane);
    }
    lanes = going;
  }
  const usage = usageEvents(form);
  if (form.usagePlace !== 'after-done') yield* usage;
  yield { afterMs: 0, text: 'data: [DONE]\n\n', tokens: 0, part: 'done' };
  if (form.usagePlace === 'after-done') yield* usage;
}

function usageEvents({ usage, usagePlace }: ChunkForm): StreamEvent[] {
  if (usage === undefined) return [];
  const event: StreamEvent = { afterMs: 0, text: usage, tokens: 0, part: 'usage' };
  return usagePlace === 'twice' ? [event, event] : [event];
}

function* thoughts(choices: readonly Choice[], { latency, random }: StreamTiming): Generator<StreamEvent> {
  let left = 0;
  for (const choice of choices) left += choice.thought === undefined ? choice.reasoningTokens : 0;
  for (; left > 0; left -= THOUGHT_PORTION_TOKENS) {
    const tokens = Math.min(left, THOUGHT_PORTION_TOKENS);
    // Choices think side by side.
    const afterMs = drawSumMs(latency.perToken, tokens, random) / choices.length;
    yield { afterMs, text: '', tokens, part: 'hidden' };
  }
}

function* endlessly(units: Iterable<Unit>, shape: Shape, random: Random): Generator<Unit, void, undefined> {
  yield* units;
  if (shape.endless === undefined) return;
  for (const piece of endlessProse(random)) yield { kind: 'text', piece };
}
