import { LEFT_OUT } from './asks/ask.ts';
import { calledNames, merged, type Part, type Tool, type Turn } from './asks/intent.ts';
import { intentOf } from './asks/said-in.ts';
import type { ChatDialect } from './dialects.ts';
import { canonical, differences, isJson, type Json } from './json.ts';

/**
 * What may stand in the request that goes upstream although nobody wished for
 * it. Reviewed: each line says why.
 */
const OURS: readonly string[] = [
  // Thoughts come back sealed, so that nothing has to be kept.
  'store',
  'include',
  // Thoughts are shown to whoever has a place for them.
  'includeThoughts',
  'summary',
];

/** Where two requests of one dialect want something different, but for what could not be asked for. */
export function intentDifferences(
  dialect: ChatDialect,
  recorded: Json,
  sent: Json,
  unsaid: readonly string[],
): string[] {
  const one = intentOf(dialect, recorded);
  const other = intentOf(dialect, sent);
  const unread = other.wishes.unread.filter((name) => ![...one.wishes.unread, ...OURS].includes(name));
  return [
    ...differences(turnsOf(said(one.turns, unsaid)), turnsOf(said(other.turns, unsaid)), 'turns'),
    ...differences(
      one.tools.map((tool) => toolSaid(tool, unsaid)),
      other.tools.map((tool) => toolSaid(tool, unsaid)),
      'tools',
    ),
    ...differences(...wishesSaid(one.wishes.but(unsaid), other.wishes.but(unsaid)), 'wishes'),
    ...unread.map((name) => `${name}: nobody asked for it`),
  ];
}

/** Wishes that are so whether they are said or not. */
const DEFAULTS: Readonly<Record<string, string>> = { choice: '"auto"', stream: 'false', temperature: '1', topP: '1' };

function plain(wishes: Json): Json {
  return Object.fromEntries(
    Object.entries(wishes)
      .filter(([name, value]) => DEFAULTS[name] !== canonical(value))
      .map(([name, value]) => [name, name === 'format' && isJson(value) ? value['schema'] : value]),
  );
}

/** Models from Gemini 3 on are told by a level how much to think, whoever counts it in tokens. */
function wishesSaid(recorded: Json, sent: Json): [Json, Json] {
  const [one, other] = [plain(recorded), plain(sent)];
  if (one['budget'] === undefined || other['effort'] === undefined) return [one, other];
  const { budget: _, ...rest } = one;
  const { effort: __, ...more } = other;
  return [rest, more];
}

function toolSaid({ marker: _, strict, ...tool }: Tool, unsaid: readonly string[]): Json {
  return unsaid.includes('strict') ? tool : { ...tool, strict };
}

/** Without what the client's dialect has no place for. */
function said(turns: readonly Turn[], unsaid: readonly string[]): readonly Turn[] {
  const late = unsaid.includes('instructions that come later');
  const lost = (part: Part) =>
    part.type === 'media' && (unsaid.includes(part.kind) || (part.url !== undefined && unsaid.includes('address')));
  return turns
    .filter(({ role }, at) => !late || role !== 'system' || at === 0)
    .map(({ role, parts }) => ({ role, parts: parts.filter((part) => !lost(part)) }));
}

/** Turns with calls by their order in the place of their ids, and without what says nothing. */
function turnsOf(turns: readonly Turn[]): unknown {
  const order = [...calledNames(turns).keys()];
  const names = calledNames(turns);
  return merged(
    turns
      .map(({ role, parts }) => ({ role, parts: parts.flatMap((part) => comparable(part, order, names)) }))
      .filter(({ parts }) => parts.length > 0),
  ).map(({ role, parts }) => ({ role, parts: joined(parts) }));
}

/** Google's placeholder for a signature that nobody has. */
const PLACEHOLDER = 'skip_thought_signature_validator';

function comparable(part: Part, order: readonly string[], names: ReadonlyMap<string, string>): Part[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' || part.text === LEFT_OUT ? [] : [{ type: 'text', text: part.text }];
    case 'call': {
      const { seal, ...call } = part;
      const named = { ...call, id: `call ${order.indexOf(part.id)}` };
      return [seal === undefined || seal === PLACEHOLDER ? named : { ...named, seal }];
    }
    case 'result': {
      const callId = `call ${order.indexOf(part.callId)}`;
      const parts = part.parts.flatMap((each) => comparable(each, order, names));
      return [{ type: 'result', callId, name: names.get(part.callId) ?? part.name, parts }];
    }
    case 'media': {
      const { marker: _, title: __, ...media } = part;
      return [media];
    }
    case 'thought':
      return part.what === 'none' || part.seal === '' ? [] : [part];
    default:
      return [];
  }
}

/** Texts that follow each other are one, whatever space stands between them. */
function joined(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      found[found.length - 1] = { type: 'text', text: `${last.text}\n${part.text}` };
    else found.push(part);
  }
  return found.map((part) =>
    part.type === 'text' ? { type: 'text', text: part.text.replaceAll(LEFT_OUT, '').replace(/\s+/g, '') } : part,
  );
}
