import { detailKey, detailRest, detailSignature, plainReasoning, readDetail } from './reasoning.ts';
import type { Events, OpenPart, StreamParts } from './stream-parts.ts';
import { isObject, someText, type WireObject } from './wire.ts';

/**
 * What a delta tells of the model's thoughts: its details where it has some,
 * else the plain text. Providers with details send the text of both, which is
 * the same.
 */
export function readThoughts(delta: WireObject, parts: StreamParts, events: Events): void {
  const { reasoning_details: given } = delta;
  const details = Array.isArray(given) ? given.filter(isObject) : [];
  const readable = details.some((detail) => typeof (detail['text'] ?? detail['summary']) === 'string');
  const text = readable ? undefined : plainReasoning(delta);
  if (text !== undefined) think(text, parts, events);
  for (const detail of details) readStreamedDetail(detail, parts, events);
}

/** A thought without any sign of which one: it goes on until something else begins. */
export function think(text: string, parts: StreamParts, events: Events): void {
  const { choice } = parts;
  let open = parts.open;
  if (open?.kind !== 'reasoning' || open.over || open.key !== undefined) {
    open = parts.start('reasoning', events);
    events.push({ type: 'reasoning-start', choice, part: open.part });
  }
  open.plain.push(text);
  events.push({ type: 'reasoning-delta', choice, part: open.part, text });
}

function readStreamedDetail(detail: WireObject, parts: StreamParts, events: Events): void {
  const { type } = detail;
  if (type !== 'reasoning.text' && type !== 'reasoning.summary') {
    parts.whole(readDetail(detail), events);
    return;
  }
  const { choice } = parts;
  const given = someText(type === 'reasoning.text' ? detail['text'] : detail['summary']);
  const signature = detailSignature(detail['signature'], detail);
  const earlier = parts.open;
  const again = saysAgain(earlier, given);
  const text = again ? undefined : given;
  if (again && earlier !== undefined) earlier.over = true;
  if (text === undefined && signature === undefined) return;
  const key = again ? earlier?.key : detailKey(detail);
  // A signature ends its thought: text that comes after it is another one's.
  const goesOn = earlier?.kind === 'reasoning' && earlier.key === key && !(earlier.over && text !== undefined);
  const open = goesOn ? earlier : startThought(detail, parts, events);
  if (text !== undefined) events.push({ type: 'reasoning-delta', choice, part: open.part, text });
  if (signature === undefined) return;
  open.over = true;
  events.push({ type: 'signature-add', choice, part: open.part, signature });
}

/** Whether a detail only repeats the thought that came as plain text, as ours do at its end: once, for its signature. */
function saysAgain(earlier: OpenPart | undefined, text: string | undefined): boolean {
  if (earlier?.kind !== 'reasoning' || earlier.key !== undefined || text === undefined) return false;
  return earlier.plain.join('') === text;
}

function startThought(detail: WireObject, parts: StreamParts, events: Events): OpenPart {
  const id = someText(detail['id']);
  const rest = detailRest(detail);
  const open = parts.start('reasoning', events, detailKey(detail));
  events.push({
    type: 'reasoning-start',
    choice: parts.choice,
    part: open.part,
    ...(id === undefined ? {} : { id }),
    ...(detail['type'] === 'reasoning.summary' ? { summary: true } : {}),
    ...(rest === undefined ? {} : { rest }),
  });
  return open;
}
