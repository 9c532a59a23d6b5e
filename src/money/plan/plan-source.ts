import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { GatewayError } from '../../kernel/errors.ts';
import type { PlanNode, PlanValue } from './plan-node.ts';

const TEXT_CHARS_MAX = 1_048_576;
const DEPTH_MAX = 12;

/**
 * A plan's text, YAML or JSON, as nodes that know their lines. Numbers stay the
 * text they were written with.
 *
 * @param name what messages call the file
 * @throws `invalid_request` for a text that is neither
 */
export function planSource(name: string, text: string): PlanNode {
  if (text.length > TEXT_CHARS_MAX) throw unreadable(`${name} is longer than ${TEXT_CHARS_MAX} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number | undefined) => `${name}:${lines.linePos(offset ?? 0).line || 1}`;
  const wrong = document.errors[0];
  if (wrong !== undefined) throw unreadable(`${placeOf(wrong.pos[0])}: ${wrong.message.replace(/\s+/g, ' ')}`);

  const nodeOf = (node: unknown, offset: number | undefined, depth: number): PlanNode => {
    if (depth > DEPTH_MAX) throw unreadable(`${placeOf(offset)}: deeper than ${DEPTH_MAX} levels`);
    if (isAlias(node)) throw unreadable(`${placeOf(offset)}: a reference to an anchor. Write the values out`);
    const at = (node as Node | null)?.range?.[0] ?? offset;
    return { place: placeOf(at), value: valueAt(node, at, depth) };
  };
  const valueAt = (node: unknown, at: number | undefined, depth: number): PlanValue => {
    if (isMap(node)) {
      return new Map(
        node.items.map(({ key, value }) => {
          const offset = isScalar(key) ? key.range?.[0] : at;
          return [isScalar(key) ? String(key.source ?? key.value) : '', nodeOf(value, offset, depth + 1)];
        }),
      );
    }
    if (isSeq(node)) return node.items.map((item) => nodeOf(item, at, depth + 1));
    if (!isScalar(node) || node.value === null) return undefined;
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  };
  return nodeOf(document.contents, 0, 0);
}

function unreadable(why: string): GatewayError {
  return new GatewayError('invalid_request', { message: `${why}; write the plan as YAML or JSON` });
}
