import { isObject, type JsonObject } from '../json-object.ts';
import { piecesOf } from '../tokenizer.ts';
import { type CallItem, progress } from './answer.ts';
import { type ComposeBrief, idOf, subject } from './brief.ts';
import type { HostedRun } from './hosted-run.ts';
import type { Item } from './items.ts';
import type { HostedTool } from './tool-fields.ts';

const TOOL = 'search';
const LISTED = [
  {
    name: TOOL,
    description: 'Finds a page.',
    input_schema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
    annotations: { read_only: true },
  },
];

/** A server's tools are listed once; a call of one is made at once, or asked for and made when it was approved. */
export function runServer({ object }: HostedTool, brief: ComposeBrief): HostedRun {
  const label = String(object['server_label']);
  const { items: before } = brief.request.conversation;
  const known = before.some((item) => item.type === 'mcp_list_tools' && item.object['server_label'] === label);
  const list = known ? [] : [listOf(label, brief)];
  const args = JSON.stringify({ query: subject(brief) });
  const asked = brief.turn.approvals.at(-1);
  if (asked === undefined) {
    if (object['require_approval'] === 'never') return called(list, call(label, args, null, brief));
    return { items: [...list, request(label, args, brief)], passages: [], waits: true };
  }
  if (asked.object['approve'] !== true) return { items: list, passages: [{ text: 'Then not.' }] };
  const id = String(asked.object['approval_request_id']);
  return called(list, call(label, argumentsOf(before, id) ?? args, id, brief));
}

function called(list: readonly CallItem[], made: CallItem): HostedRun {
  return { items: [...list, made], passages: [{ text: `The server said: ${made.found}` }] };
}

function argumentsOf(items: readonly Item[], id: string): string | undefined {
  const request = items.find((item) => item.id === id);
  const args = request?.object['arguments'];
  return typeof args === 'string' ? args : undefined;
}

function listOf(label: string, brief: ComposeBrief): CallItem {
  return {
    ...serverItem('mcp_list_tools', 'mcpl', { server_label: label }, brief),
    last: { server_label: label, tools: LISTED },
    status: false,
    before: progress('mcp_list_tools', 'in_progress', 'completed'),
    found: JSON.stringify(LISTED),
  };
}

function request(label: string, args: string, brief: ComposeBrief): CallItem {
  const members = { server_label: label, name: TOOL, arguments: args };
  const headTokens = brief.context.tokens.count(args);
  return { ...serverItem('mcp_approval_request', 'mcpr', members, brief), headTokens, status: false };
}

function call(label: string, args: string, approvedAs: string | null, brief: ComposeBrief): CallItem {
  const members = { server_label: label, name: TOOL, approval_request_id: approvedAs, error: null };
  const parsed: unknown = JSON.parse(args);
  const found = `a page about ${isObject(parsed) ? String(parsed['query']) : args}.`;
  return {
    ...serverItem('mcp_call', 'mcp', { ...members, output: null }, brief),
    last: { ...members, output: found },
    before: progress('mcp_call', 'in_progress'),
    body: { member: 'arguments', event: 'response.mcp_call_arguments', pieces: piecesOf(args) },
    after: progress('mcp_call', 'completed'),
    found,
  };
}

function serverItem(type: string, prefix: string, members: JsonObject, { context }: ComposeBrief): CallItem {
  const common = { status: true, headTokens: 0, before: [], after: [], found: '' };
  return { kind: 'call', id: idOf(prefix, context.random), type, first: members, last: members, ...common };
}
