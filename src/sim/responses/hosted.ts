import { randomFor } from '../draws.ts';
import { isObject } from '../json-object.ts';
import { plainWords } from '../prose/prose.ts';
import { piecesOf } from '../tokenizer.ts';
import { nameFits } from '../tools.ts';
import { type CallItem, progress } from './answer.ts';
import { type ComposeBrief, idOf, subject } from './brief.ts';
import { applyPatch, computer, localShell, shell } from './client-run-tools.ts';
import type { HostedRun } from './hosted-run.ts';
import { runServer } from './mcp.ts';
import { type HostedTool, sameKind } from './tool-fields.ts';

type Run = (tool: HostedTool, brief: ComposeBrief) => HostedRun;

/** By kind, without the dates and previews of their names. */
const RUNS: readonly (readonly [string, Run])[] = [
  ['web_search', webSearch],
  ['file_search', fileSearch],
  ['code_interpreter', codeInterpreter],
  ['image_generation', imageGeneration],
  ['mcp', runServer],
  ['shell', shell],
  ['local_shell', localShell],
  ['apply_patch', applyPatch],
  ['computer', computer],
];

/** The hosted tool that this answer runs, if any: one that must, one the question asks for, or the only kind of tool there is. */
export function hostedToRun({ request, turn }: ComposeBrief): HostedTool | undefined {
  const { toolChoice, hosted, allowed } = request.choice;
  const runnable = request.tools.hosted.filter(
    ({ type }) => runOf(type) !== undefined && (allowed?.includes(type) ?? true),
  );
  if (turn.approvals.length > 0) return runnable.find(({ type }) => type === 'mcp');
  if (turn.results.length > 0 || toolChoice === 'none' || typeof toolChoice === 'object') return undefined;
  if (hosted !== undefined) return runnable.find(({ type }) => sameKind(type, hosted));
  const fitting = runnable.find((tool) => nameFits(nameOf(tool), turn.userText));
  const clients = request.tools.functions.length + request.tools.customs.length;
  return fitting ?? (clients === 0 ? runnable[0] : undefined);
}

function nameOf({ type, object }: HostedTool): string {
  return type === 'mcp' ? String(object['server_label']) : type;
}

function runOf(type: string): Run | undefined {
  return RUNS.find(([kind]) => sameKind(kind, type))?.[1];
}

export function runHosted(tool: HostedTool, brief: ComposeBrief): HostedRun {
  return runOf(tool.type)?.(tool, brief) ?? { items: [], passages: [] };
}

function webSearch({ object }: HostedTool, brief: ComposeBrief): HostedRun {
  const query = subject(brief);
  const filters = isObject(object['filters']) ? object['filters']['allowed_domains'] : undefined;
  const site = Array.isArray(filters) && typeof filters[0] === 'string' ? filters[0] : 'harbor.example';
  const random = randomFor(brief.seed, 'hosted');
  const pages = [1, 2].map((rank) => ({
    text: `A page about ${query}: ${plainWords(random, 5)}.`,
    title: `${query}, part ${rank}`,
    url: `https://${site}/${encodeURIComponent(query)}/${rank}`,
  }));
  const sources = pages.map(({ url }) => ({ type: 'url', url }));
  const shown = brief.request.include.includes('web_search_call.action.sources') ? { sources } : {};
  const call: CallItem = {
    kind: 'call',
    id: idOf('ws', brief.context.random),
    type: 'web_search_call',
    first: { action: { type: 'search' } },
    last: { action: { type: 'search', queries: [query], query, ...shown } },
    status: true,
    headTokens: 0,
    before: progress('web_search_call', 'in_progress', 'searching', 'completed'),
    after: [],
    found: pages.map(({ text }) => text).join('\n'),
  };
  const passages = pages.slice(0, 1).map(({ text, title, url }) => ({
    text,
    annotation: (start: number, end: number) => ({
      type: 'url_citation',
      end_index: end,
      start_index: start,
      title,
      url,
    }),
  }));
  return { items: [call], passages };
}

function fileSearch({ object }: HostedTool, brief: ComposeBrief): HostedRun {
  const query = subject(brief);
  const stores = Array.isArray(object['vector_store_ids']) ? object['vector_store_ids'] : [];
  const text = `A note about ${query}: ${plainWords(randomFor(brief.seed, 'hosted'), 5)}.`;
  const file = { file_id: `file-${String(stores[0] ?? 'store').slice(0, 40)}`, filename: 'notes.md' };
  const results = [{ attributes: {}, ...file, score: 0.87, text }];
  const shown = brief.request.include.includes('file_search_call.results');
  const call: CallItem = {
    kind: 'call',
    id: idOf('fs', brief.context.random),
    type: 'file_search_call',
    first: { queries: [], results: null },
    last: { queries: [query], results: shown ? results : null },
    status: true,
    headTokens: 0,
    before: progress('file_search_call', 'in_progress', 'searching', 'completed'),
    after: [],
    found: text,
  };
  const annotation = (_start: number, end: number) => ({ type: 'file_citation', ...file, index: end });
  return { items: [call], passages: [{ text, annotation }] };
}

function codeInterpreter(_tool: HostedTool, brief: ComposeBrief): HostedRun {
  const said = subject(brief);
  const container = { container_id: idOf('cntr', brief.context.random) };
  const outputs = [{ type: 'logs', logs: `${said}\n` }];
  const shown = brief.request.include.includes('code_interpreter_call.outputs');
  const call: CallItem = {
    kind: 'call',
    id: idOf('ci', brief.context.random),
    type: 'code_interpreter_call',
    first: { ...container, outputs: [] },
    last: { ...container, outputs: shown ? outputs : null },
    status: true,
    headTokens: 0,
    before: progress('code_interpreter_call', 'in_progress'),
    body: {
      member: 'code',
      event: 'response.code_interpreter_call_code',
      pieces: piecesOf(`print(${JSON.stringify(said)})`),
    },
    after: progress('code_interpreter_call', 'interpreting', 'completed'),
    found: said,
  };
  return { items: [call], passages: [{ text: `The code printed: ${said}.` }] };
}

/** One grey pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGPoAAAAggCB5kVbWgAAAABJRU5ErkJggg==';

function imageGeneration({ object }: HostedTool, brief: ComposeBrief): HostedRun {
  const form = { background: 'opaque', output_format: 'png', quality: 'low', size: '1024x1024' };
  const wanted = typeof object['partial_images'] === 'number' ? Math.min(3, object['partial_images']) : 0;
  const partial = Array.from({ length: wanted }, (_, index) => ({
    event: 'response.image_generation_call.partial_image',
    members: { ...form, partial_image_b64: PNG, partial_image_index: index },
  }));
  const revised = { revised_prompt: `A picture of ${subject(brief)}` };
  const call: CallItem = {
    kind: 'call',
    id: idOf('ig', brief.context.random),
    type: 'image_generation_call',
    first: { result: null },
    last: { action: 'generate', ...form, result: PNG, ...revised },
    status: true,
    headTokens: 0,
    before: [
      ...progress('image_generation_call', 'in_progress', 'generating'),
      ...partial,
      ...progress('image_generation_call', 'completed'),
    ],
    after: [],
    found: '',
  };
  return { items: [call], passages: [{ text: 'Here is the picture.' }] };
}
