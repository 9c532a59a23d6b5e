import type { AudioPart } from '../../protocol/chat/content.ts';
import { readSpokenAudio } from './assistant-message.ts';
import { notUnderstood, type WireObject } from './wire.ts';

/** Sound is kept until it is whole: half an hour of it in base64, and no more. */
const CHARS_MAX = 64 * 1024 * 1024;

/** Sound that comes in pieces of base64, which only together are one. */
export class StreamedAudio {
  #data = '';
  #transcript: string | undefined;
  #rest: WireObject = {};

  add({ data, transcript, ...rest }: WireObject): void {
    if (typeof data === 'string') this.#data += data;
    if (typeof transcript === 'string') this.#transcript = (this.#transcript ?? '') + transcript;
    this.#rest = { ...this.#rest, ...rest };
    if (this.#data.length > CHARS_MAX) throw notUnderstood('the sound in its stream is too long');
  }

  whole(): AudioPart {
    const transcript = this.#transcript === undefined ? {} : { transcript: this.#transcript };
    return readSpokenAudio({ ...this.#rest, data: this.#data, ...transcript });
  }
}
