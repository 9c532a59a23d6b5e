import type { Seal } from '../seal.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import type { Fields } from './fields.ts';
import { type Part, readPart } from './parts.ts';
import { refuseForeignSignature } from './signatures.ts';

export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly Part[];
}

/** @throws GeminiRefusal */
export function readContents(fields: Fields, counter: TokenCounter, seal: Seal): Content[] {
  const contents = fields.objects('contents', 'Content').map((content, index) => {
    const role = content.string('role') ?? 'user';
    const parts = readParts(content, `contents[${index}]`, counter);
    content.end();
    if (role !== 'user' && role !== 'model') throw new GeminiRefusal(400, 'Please use a valid role: user, model.');
    return { role, parts } as const;
  });
  if (contents.length === 0) throw invalid('contents', 'contents is not specified');
  for (const { parts } of contents) for (const part of parts) refuseForeign(part, seal);
  return contents;
}

/** What a `systemInstruction` says, whatever role it is given. @throws GeminiRefusal */
export function readSystem(fields: Fields, counter: TokenCounter): readonly Part[] {
  const content = fields.nested('systemInstruction', 'Content');
  if (content === undefined) return [];
  content.string('role');
  const parts = readParts(content, 'system_instruction', counter);
  content.end();
  if (parts.some(({ kind }) => kind !== 'text')) {
    throw invalid('system_instruction', 'only text is supported in system instructions');
  }
  return parts;
}

function readParts(content: Fields, path: string, counter: TokenCounter): Part[] {
  const parts = content.objects('parts', 'Part').map((part) => readPart(part, counter));
  if (parts.length === 0) throw invalid(`${path}.parts`, 'contents.parts must not be empty.');
  return parts;
}

function refuseForeign({ signature, kind, name }: Part, seal: Seal): void {
  if (signature === undefined) return;
  refuseForeignSignature(seal, kind === 'call' && name !== undefined ? { call: name } : 'words', signature);
}
