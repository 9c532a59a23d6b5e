import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, type SeenRequest } from '../../support/raw-upstream.ts';
import type { Recording } from './recordings.ts';

export type Served = Pick<Recording, 'status' | 'contentType' | 'response' | 'stream'>;

/** How the recorded bytes are cut on their way. The answer is the same whichever it is. */
export type Cut = 'whole' | 'bytes' | 'odd';

export const CUTS: readonly Cut[] = ['whole', 'odd', 'bytes'];

/** Lengths without a common measure: in time every kind of boundary is hit. */
const ODD_LENGTHS = [1, 7, 2, 31, 3, 97, 5, 211, 13, 1];

/** So many bytes come one by one; what is left of a long answer comes in odd lengths. */
const BYTES_ALONE_MAX = 16 * 1_024;

/** A provider on the loopback that gives one recorded answer to whoever asks. */
export class Replay implements AsyncDisposable {
  readonly #upstream: RawUpstream;
  cut: Cut = 'whole';
  /** What it answers with from now on. */
  served: Served;

  private constructor(upstream: RawUpstream, served: Served) {
    this.#upstream = upstream;
    this.served = served;
  }

  static async start(recording: Recording): Promise<Replay> {
    const upstream = await RawUpstream.start(() => undefined);
    const replay = new Replay(upstream, recording);
    upstream.answer = (socket) => {
      const { status, contentType, response, stream } = replay.served;
      if (replay.cut === 'whole' && !stream) {
        socket.write(answerBytes(status, contentType, response));
        return;
      }
      socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`);
      for (const piece of pieces(response, replay.cut)) socket.write(httpChunk(piece));
      socket.write(LAST_CHUNK);
    };
    return replay;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#upstream.port}`;
  }

  get asked(): number {
    return this.#upstream.seen.length;
  }

  get lastAsked(): SeenRequest | undefined {
    return this.#upstream.seen.at(-1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#upstream[Symbol.asyncDispose]();
  }
}

function pieces(bytes: Buffer, cut: Cut): readonly Buffer[] {
  if (cut === 'whole') return [bytes];
  const found: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = cut === 'bytes' && at < BYTES_ALONE_MAX ? 1 : (ODD_LENGTHS[turn % ODD_LENGTHS.length] ?? 1);
    found.push(bytes.subarray(at, at + length));
    at += length;
  }
  return found;
}
