import { pdfPages, sniffedImage } from '../anthropic/media.ts';
import { GeminiRefusal } from './errors.ts';

/** As usage is told apart. */
export const MODALITIES = ['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'DOCUMENT'] as const;
export type Modality = (typeof MODALITIES)[number];
export type ModalityTokens = Partial<Record<Modality, number>>;

export function sumOfTokens(counts: readonly ModalityTokens[]): ModalityTokens {
  const sum: ModalityTokens = {};
  for (const count of counts) {
    for (const modality of MODALITIES) {
      const more = count[modality];
      if (more !== undefined) sum[modality] = (sum[modality] ?? 0) + more;
    }
  }
  return sum;
}

/** Of all modalities together. */
export function totalTokens(count: ModalityTokens): number {
  return MODALITIES.reduce((sum, modality) => sum + (count[modality] ?? 0), 0);
}

/** Of a picture, and of a page. @see https://ai.google.dev/gemini-api/docs/tokens (read 2026-11-22) */
const TOKENS_PER_TILE = 258;
/** A second of sound is 32 tokens; at 128 kbit/s it is so many bytes. */
const AUDIO = { tokens: 32, bytes: 16_000 } as const;
/** A second of film is 263 tokens; at 1 Mbit/s it is so many bytes. */
const VIDEO = { tokens: 263, bytes: 125_000 } as const;

/** @throws the refusal of a kind of file that no model reads */
export function modalityOf(mimeType: string): Modality {
  const [kind] = mimeType.split('/', 1);
  if (mimeType === 'application/pdf') return 'DOCUMENT';
  switch (kind) {
    case 'image':
      return 'IMAGE';
    case 'audio':
      return 'AUDIO';
    case 'video':
      return 'VIDEO';
    case 'text':
      return 'TEXT';
    default:
      if (mimeType === 'application/json' || mimeType === 'application/xml') return 'TEXT';
      throw new GeminiRefusal(400, `Unsupported MIME type: ${mimeType.slice(0, 100)}`);
  }
}

/** Tokens of a file of a modality other than text; without bytes, of the usual one. */
export function mediaTokens(modality: Exclude<Modality, 'TEXT'>, bytes?: Buffer): number {
  switch (modality) {
    case 'IMAGE':
      return TOKENS_PER_TILE;
    case 'DOCUMENT':
      return TOKENS_PER_TILE * (bytes === undefined ? 1 : pdfPages(bytes));
    case 'AUDIO':
      return seconds(AUDIO, bytes);
    case 'VIDEO':
      return seconds(VIDEO, bytes);
  }
}

function seconds(rate: typeof AUDIO | typeof VIDEO, bytes: Buffer | undefined): number {
  return rate.tokens * Math.max(1, Math.ceil((bytes?.length ?? 0) / rate.bytes));
}

const SNIFFABLE = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** @throws the refusal of a picture that is none */
export function refuseBrokenImage(mimeType: string, bytes: Buffer): void {
  if (!SNIFFABLE.has(mimeType) || sniffedImage(bytes) !== undefined) return;
  throw new GeminiRefusal(
    400,
    'Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
  );
}
