import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PresetName } from '../../src/config/presets.ts';

/** Recorded provider traffic, outside the repository. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../shared/fixtures');

export interface PresetRecording {
  readonly id: string;
  readonly preset: PresetName;
  /** Path of the provider's base URL, as a client is given it. */
  readonly basePath: string;
  readonly status: number;
  readonly stream: boolean;
  readonly contentType: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: Buffer;
}

/** Which recording stands for which preset; a vendor that has no preset of its own is a generic one. */
const CHOSEN: readonly (readonly [string, PresetName, string])[] = [
  ['openai-chat/text_json', 'openai', '/v1'],
  ['openai-chat/text_stream_usage', 'openai', '/v1'],
  ['openai-chat/tools_parallel_stream', 'openai', '/v1'],
  ['openai-chat/tool_result_followup_stream', 'openai', '/v1'],
  ['openai-chat/error_401_invalid_key', 'openai', '/v1'],
  ['azure/chat_tool_stream_content_filter', 'azure', '/openai/v1'],
  ['azure/error_401', 'azure', '/openai/v1'],
  ['azure/error_429', 'azure', '/openai/v1'],
  ['mistral/tool_stream', 'mistral', '/v1'],
  ['openrouter/anthropic_thinking_tools_stream_reasoning_details', 'openrouter', '/api/v1'],
  ['openrouter/claude_multi_tool_stream_with_comments', 'openrouter', '/api/v1'],
  ['ollama/openai_compat_tool_stream', 'ollama', '/v1'],
  ['zai/reasoning_tool_stream', 'openai-compatible', '/api/coding/paas/v4'],
  ['vercel-gateway/claude_thinking_tool_stream', 'openai-compatible', '/v1'],
  ['vercel-gateway/gemini3_thinking_tool_stream', 'openai-compatible', '/v1'],
  ['quoted-errors/anthropic_openai_compat_429', 'openai-compatible', '/v1'],
];

interface Entry {
  readonly id: string;
  readonly status: number;
  readonly stream: boolean;
  readonly request: string | null;
  readonly response: string;
  readonly response_headers?: Readonly<Record<string, string>>;
}

/** The recordings that are there; none where the folder is absent. */
export function presetRecordings(): PresetRecording[] {
  const index = join(FOLDER, 'index.json');
  if (!existsSync(index)) return [];
  const entries = new Map((JSON.parse(readFileSync(index, 'utf8')) as Entry[]).map((entry) => [entry.id, entry]));
  return CHOSEN.flatMap(([id, preset, basePath]) => {
    const entry = entries.get(id);
    if (entry === undefined) return [];
    const read = (file: string) => readFileSync(join(FOLDER, id, file));
    const request = entry.request === null ? {} : (JSON.parse(read(entry.request).toString()) as object);
    return {
      id,
      preset,
      basePath,
      status: entry.status,
      stream: entry.stream,
      contentType: entry.response_headers?.['content-type'] ?? 'application/json',
      request: request as Record<string, unknown>,
      response: read(entry.response),
    };
  });
}

/** The oracle of costs: usages of real answers with the price that an independent library gives them. */
export function costOracle(): unknown[] {
  const file = join(FOLDER, 'cost-oracle/usages.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown[]) : [];
}

/** The last usage that recorded bytes speak of, read without any of our own code. */
export function recordedUsage({ response, stream }: PresetRecording): Record<string, unknown> | undefined {
  const text = response.toString('utf8');
  const bodies = stream
    ? [...text.matchAll(/^data: ?(\{.*\})\r?$/gm)].map((match) => JSON.parse(match[1] ?? '') as Record<string, unknown>)
    : [JSON.parse(text) as Record<string, unknown>];
  return (
    bodies.map(({ usage }) => usage as Record<string, unknown> | null | undefined).findLast((usage) => usage) ??
    undefined
  );
}
