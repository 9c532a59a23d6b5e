import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** A file of the template: where it goes and which bytes of the content it is; files with equal bytes share them. */
interface TemplateFile {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

interface TemplateIndex {
  /** The PGlite version that made the store. A store of another one must not be used. */
  readonly pgliteVersion: string;
  readonly directories: readonly string[];
  readonly files: readonly TemplateFile[];
}

export interface Template extends TemplateIndex {
  readonly content: Uint8Array;
}

/** zstd's strongest level, and a window that sees a repeated catalogue at any distance. */
const LEVEL = 22;
const WINDOW_LOG = 27;
const LENGTH_BYTES = 4;

/** Packs a data directory: an index in JSON, its length before it, then each distinct content once; all under zstd. */
export function packTemplate(
  pgliteVersion: string,
  directories: readonly string[],
  files: readonly { readonly path: string; readonly content: Uint8Array }[],
): Buffer {
  const offsets = new Map<string, number>();
  const contents: Uint8Array[] = [];
  let end = 0;
  const packed = files.map(({ path, content }) => {
    const digest = createHash('sha256').update(content).digest('hex');
    const offset = offsets.get(digest) ?? end;
    if (!offsets.has(digest)) {
      offsets.set(digest, offset);
      contents.push(content);
      end += content.length;
    }
    return { path, offset, bytes: content.length };
  });
  const index: TemplateIndex = { pgliteVersion, directories, files: packed };
  const head = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  return zstdCompressSync(Buffer.concat([length, head, ...contents]), {
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    },
  });
}

/** @throws when the bytes are not a template, which is a broken installation */
export function readTemplate(packed: Uint8Array): Template {
  const plain = zstdDecompressSync(packed, { params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  const headEnd = LENGTH_BYTES + plain.readUInt32LE(0);
  const index = JSON.parse(plain.toString('utf8', LENGTH_BYTES, headEnd)) as TemplateIndex;
  return { ...index, content: plain.subarray(headEnd) };
}

/** Writes the template's files under `target`, readable by this user only. Nothing is synced. */
export function unpackTemplate(template: Template, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const directory of template.directories) mkdirSync(inside(target, directory), { recursive: true, mode: 0o700 });
  for (const file of template.files) {
    const content = template.content.subarray(file.offset, file.offset + file.bytes);
    writeFileSync(inside(target, file.path), content, { mode: 0o600, flag: 'wx' });
  }
}

function inside(target: string, path: string): string {
  const full = normalize(join(target, path));
  if (!full.startsWith(normalize(target) + sep) || dirname(full) === full) {
    throw new Error(`the store template names a path outside its folder: ${path}`);
  }
  return full;
}
