import type { PresetName } from '../presets.ts';
import { Draft, type DraftCredential, needsKey } from './draft.ts';
import { Ledger } from './ledger.ts';
import type { SourcePart } from './source-part.ts';
import { isVariableName, Variables } from './variables.ts';

/** How a product writes "take this from the environment", as `os.environ/NAME` or `env.NAME`. */
export type ReferenceForm = RegExp;

/** What the readers of all products write into. */
export class Importer {
  readonly draft = new Draft();
  readonly ledger = new Ledger();
  readonly variables: Variables;
  readonly #form: ReferenceForm | undefined;

  /** @param form with the variable's name as its one group; absent for a product that has no references */
  constructor(root: SourcePart, form: ReferenceForm | undefined) {
    this.#form = form;
    this.variables = new Variables(new Set(form === undefined ? [] : namesIn(root, form)));
  }

  /** The reference of ours for one of theirs; `undefined` for plain text. */
  reference(part: SourcePart, holds: string): string | undefined {
    const name = this.variableIn(part);
    return name === undefined ? undefined : this.variables.existing(name, holds);
  }

  variableIn(part: SourcePart): string | undefined {
    const name = this.#form === undefined || part.text === undefined ? undefined : this.#form.exec(part.text)?.[1];
    return name !== undefined && isVariableName(name) ? name : undefined;
  }

  /** A key, from a reference or as a new variable. `undefined` where nothing usable is written. */
  key(part: SourcePart, wanted: string): string | undefined {
    if (part.text === undefined) return undefined;
    return (
      this.reference(part, 'a key') ??
      this.variables.forSecret(part.text, `${wanted}_API_KEY`, `the key that stood at ${part.place}`)
    );
  }
  /** The credentials, or a new variable in their place where there is none and the vendor asks for one. */
  withKey(preset: PresetName, credentials: readonly DraftCredential[], wanted: string): readonly DraftCredential[] {
    if (credentials.length > 0 || !needsKey(preset)) return credentials;
    const holds = `a key for ${wanted}: no usable one stood in the file`;
    return [{ name: 'default', apiKey: this.variables.forSecret(`none ${wanted}`, `${wanted}_API_KEY`, holds) }];
  }
}

function namesIn(part: SourcePart, form: ReferenceForm): string[] {
  const own = part.text === undefined ? undefined : form.exec(part.text)?.[1];
  return [...(own === undefined ? [] : [own]), ...part.children().flatMap((child) => namesIn(child, form))];
}
