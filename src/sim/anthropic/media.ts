/** What a picture costs that cannot be measured: the most a usual one does. */
const IMAGE_TOKENS_MAX = 1_568;
/** @see https://platform.claude.com/docs/en/build-with-claude/vision (read 2026-11-21) */
const PIXELS_PER_TOKEN = 750;
/** Of a page's picture; its text counts apart. */
const TOKENS_PER_PAGE = 1_500;

const MAGIC: readonly (readonly [mediaType: string, hex: string])[] = [
  ['image/png', '89504e47'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '47494638'],
  ['image/webp', '52494646'],
];

/** What a picture's first bytes say it is; undefined when they say nothing known. */
export function sniffedImage(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 4).toString('hex');
  return MAGIC.find(([, magic]) => start.startsWith(magic))?.[0];
}

/** Tokens of a picture: a token for every 750 pixels where its size can be read (PNG, GIF), else the most. */
export function imageTokens(bytes: Buffer | undefined): number {
  const size = bytes === undefined ? undefined : imageSize(bytes);
  if (size === undefined) return IMAGE_TOKENS_MAX;
  return Math.min(IMAGE_TOKENS_MAX, Math.max(1, Math.ceil((size.width * size.height) / PIXELS_PER_TOKEN)));
}

function imageSize(bytes: Buffer): { width: number; height: number } | undefined {
  const kind = sniffedImage(bytes);
  if (kind === 'image/png' && bytes.length >= 24)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (kind === 'image/gif' && bytes.length >= 10)
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return undefined;
}

/** Pages of a PDF as its page objects say; at least one. */
export function pdfPages(bytes: Buffer): number {
  const pages = bytes.toString('latin1').match(/\/Type\s*\/Page(?![a-zA-Z])/g);
  return Math.max(1, pages?.length ?? 0);
}

export function pdfTokens(pages: number): number {
  return pages * TOKENS_PER_PAGE;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @returns undefined when the text is not base64 */
export function base64Bytes(text: string): Buffer | undefined {
  return BASE64.test(text) && text.length > 0 ? Buffer.from(text, 'base64') : undefined;
}
