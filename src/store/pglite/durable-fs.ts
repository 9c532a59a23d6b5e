import { closeSync, fsyncSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { errorCode } from '../../kernel/errors.ts';

interface NodeStream {
  readonly nfd?: number;
  readonly node: unknown;
}

interface NodeFilesystem {
  realPath(node: unknown): string;
  readonly stream_ops: { fsync?: (stream: NodeStream) => number };
}

interface EmscriptenModule {
  readonly FS?: { readonly filesystems?: { readonly NODEFS?: NodeFilesystem } };
}

type EmscriptenOptions = Parameters<NodeFS['init']>[1];

export interface DurableFsOptions {
  /** Called where the engine has given up for good: it will never answer again. Must not return. */
  readonly onAbort: (what: string) => void;
  /** Leaves out the real fsync. For tests whose data may be lost. */
  readonly unsafeNoFsync: boolean;
}

/**
 * Emscripten's NODEFS has no fsync operation, so that Postgres' own fsync calls
 * do nothing: safe over kill -9, not over a power cut. This adds the operation.
 * It reaches into an undocumented table that later PGlite versions hide, which
 * is why {@link fsyncCount} exists: whoever opens a store proves that a commit
 * came through here.
 *
 * @see https://github.com/electric-sql/pglite/issues/1107
 */
export class DurableFs extends NodeFS {
  readonly #options: DurableFsOptions;
  #fsyncCount = 0;

  constructor(directory: string, options: DurableFsOptions) {
    super(directory);
    this.#options = options;
  }

  get fsyncCount(): number {
    return this.#fsyncCount;
  }

  override async init(engine: PGlite, options: EmscriptenOptions): Promise<{ emscriptenOpts: EmscriptenOptions }> {
    const { emscriptenOpts } = await super.init(engine, options);
    const preRun = [...(emscriptenOpts.preRun ?? [])];
    if (!this.#options.unsafeNoFsync) preRun.push((module: unknown) => this.#addFsync(module as EmscriptenModule));
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort: this.#options.onAbort } };
  }

  #addFsync(module: EmscriptenModule): void {
    const nodefs = module.FS?.filesystems?.NODEFS;
    if (nodefs === undefined) return;
    nodefs.stream_ops.fsync = (stream) => {
      this.#fsyncCount++;
      return fsyncResult(() => {
        if (stream.nfd === undefined) fsyncPath(nodefs.realPath(stream.node));
        else fsyncSync(stream.nfd);
      });
    };
  }
}

function fsyncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Emscripten's numbers are WASI's, not the machine's. EIO stands for whatever has no name here. */
const WASI_EIO = 29;
const WASI_ERRNO: Record<string, number> = { EBADF: 8, EDQUOT: 19, EINVAL: 28, EIO: WASI_EIO, ENOSPC: 51, EROFS: 69 };

/** The operation's result as emscripten wants it: 0, or the error's number, which Postgres answers with a PANIC. */
function fsyncResult(sync: () => void): number {
  try {
    sync();
    return 0;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || !(code in constants.errno)) throw error;
    return WASI_ERRNO[code] ?? WASI_EIO;
  }
}
