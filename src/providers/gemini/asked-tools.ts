import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { plainInputOf } from '../tool-input.ts';
import { ClientNames } from './function-names.ts';

/** The tools of a call as its client knows them: by its own names, and those of plain text as such. */
export class ClientTools {
  readonly #asked: AskedTools;
  readonly #names: ClientNames;

  constructor(asked: AskedTools = {}) {
    this.#asked = asked;
    this.#names = new ClientNames(asked.longNames);
  }

  nameOf(sent: string): string {
    return this.#names.of(sent);
  }

  /** @param name the client's own */
  kindOf(name: string): ToolCallPart['kind'] {
    return this.#asked.customTools?.has(name) === true ? 'custom' : 'function';
  }

  /** @param json the arguments that a function was called with */
  argumentsOf(name: string, json: string): string {
    return this.kindOf(name) === 'custom' ? plainInputOf(json) : json;
  }

  /** A function call as the call that it is to its client; any other part as it is. */
  asAsked(part: ContentPart): ContentPart {
    if (part.type !== 'tool-call') return part;
    const name = this.nameOf(part.name);
    return { ...part, name, kind: this.kindOf(name), arguments: this.argumentsOf(name, part.arguments) };
  }
}
