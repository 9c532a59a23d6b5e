import { alphanumeric, type randomFor } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { isObject } from '../json-object.ts';
import { plainWords } from '../prose/prose.ts';
import { piecesOf } from '../tokenizer.ts';
import { nameFits } from '../tools.ts';
import type { AnswerBlock, CallBlock } from './answer.ts';
import type { ComposeBrief } from './brief.ts';
import type { Cited } from './citations.ts';
import type { MessagesRequest } from './request.ts';
import type { HostedTool } from './tool-fields.ts';
import type { Turn } from './turn.ts';

/** A tool of the provider's that ran: the call, what it gave, and what of that an answer cites. */
export interface HostedRun {
  readonly blocks: readonly AnswerBlock[];
  readonly cited: readonly Cited[];
  readonly webSearches: number;
  readonly container?: true;
}

/** The hosted tool that this answer runs, if any: one the question asks for, or the only kind of tool there is. */
export function hostedToRun(request: MessagesRequest, turn: Turn): HostedTool | undefined {
  const { toolChoice, tools } = request;
  const runnable = tools.hosted.filter(({ kind }) => kind !== 'other');
  if (turn.continues || turn.results.length > 0 || toolChoice === 'none') return undefined;
  if (typeof toolChoice === 'object') return runnable.find(({ name }) => name === toolChoice.name);
  const fitting = runnable.find(({ name }) => nameFits(name, turn.userText));
  return fitting ?? (tools.client.length === 0 ? runnable[0] : undefined);
}

export function runHosted(tool: HostedTool, brief: ComposeBrief, random: ReturnType<typeof randomFor>): HostedRun {
  return tool.kind === 'web-search' ? webSearch(tool, brief, random) : codeExecution(tool, brief);
}

function hostedCall(name: string, input: JsonObject, { context }: ComposeBrief): CallBlock {
  return {
    kind: 'call',
    type: 'server_tool_use',
    id: `srvtoolu_${alphanumeric(context.random, 24)}`,
    name,
    nameTokens: context.tokens.count(name),
    pieces: piecesOf(JSON.stringify(input)),
  };
}

function webSearch(tool: HostedTool, brief: ComposeBrief, random: ReturnType<typeof randomFor>): HostedRun {
  const query = brief.words.join(' ') || 'news';
  const call = hostedCall(tool.name, { query }, brief);
  const result = (content: unknown): AnswerBlock => ({
    kind: 'whole',
    object: { type: 'web_search_tool_result', tool_use_id: call.id, content, caller: { type: 'direct' } },
  });
  if (searchesDone(brief.request) >= usesMax(tool)) {
    const refused = { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' };
    return { blocks: [call, result(refused)], cited: [], webSearches: 0 };
  }
  const [site = 'harbor.example'] = domainsOf(tool);
  const found = [1, 2].map((rank) => {
    const text = `A page about ${query}: ${plainWords(random, 5)}.`;
    return { text, title: `${query}, part ${rank}`, url: `https://${site}/${encodeURIComponent(query)}/${rank}` };
  });
  const results = found.map(({ text, title, url }) => ({
    type: 'web_search_result',
    title,
    url,
    encrypted_content: brief.seal.close('search', text),
    page_age: null,
  }));
  const cited = found.slice(0, 1).map(({ text, title, url }) => {
    const encrypted = brief.seal.close('search', url);
    const citation = { type: 'web_search_result_location', cited_text: text, url, title, encrypted_index: encrypted };
    return { text, citation };
  });
  return { blocks: [call, result(results)], cited, webSearches: 1 };
}

function searchesDone({ messages }: MessagesRequest): number {
  return messages.flatMap(({ blocks }) => blocks).filter(({ object }) => object['name'] === 'web_search').length;
}

function usesMax({ object }: HostedTool): number {
  const most = object['max_uses'];
  return typeof most === 'number' ? most : Number.POSITIVE_INFINITY;
}

function domainsOf({ object }: HostedTool): string[] {
  const domains = object['allowed_domains'];
  return Array.isArray(domains) ? domains.filter((domain) => typeof domain === 'string') : [];
}

function codeExecution(tool: HostedTool, brief: ComposeBrief): HostedRun {
  const said = brief.words.join(' ') || 'ready';
  // The first of these tools ran Python alone; since then it is a shell.
  const python = tool.type === 'code_execution_20250522';
  const name = python ? 'code_execution' : 'bash_code_execution';
  const input = python ? { code: `print(${JSON.stringify(said)})` } : { command: `echo ${JSON.stringify(said)}` };
  const call = hostedCall(name, input, brief);
  const content = { type: `${name}_result`, stdout: `${said}\n`, stderr: '', return_code: 0, content: [] };
  const object = { type: `${name}_tool_result`, tool_use_id: call.id, content };
  return { blocks: [call, { kind: 'whole', object }], cited: [], webSearches: 0, container: true };
}

/** What code printed, where a block holds that. */
export function printedBy(block: AnswerBlock): string | undefined {
  if (block.kind !== 'whole' || !isObject(block.object['content'])) return undefined;
  const { stdout } = block.object['content'];
  return typeof stdout === 'string' ? stdout : undefined;
}
