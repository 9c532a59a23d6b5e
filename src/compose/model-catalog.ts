import type { Catalog } from '../catalog/catalog.ts';
import { type OpenedCatalog, openCatalog } from '../catalog/packaged.ts';

/** The catalogue in force: opened when somebody needs it first, so that a start does not wait for it, and then kept. */
export class ModelCatalog {
  readonly dataDir: string;
  readonly #onProblem: (problem: string) => void;
  #opened: OpenedCatalog | undefined;

  /** `onProblem` hears why a refreshed catalogue is passed over. */
  constructor(dataDir: string, onProblem: (problem: string) => void) {
    this.dataDir = dataDir;
    this.#onProblem = onProblem;
  }

  get(): Catalog {
    if (this.#opened === undefined) {
      this.#opened = openCatalog(this.dataDir);
      if (this.#opened.problem !== undefined) this.#onProblem(this.#opened.problem);
    }
    return this.#opened.catalog;
  }

  /** What a call's record names as the version of its prices. */
  get version(): string {
    return this.get().header.version;
  }
}
