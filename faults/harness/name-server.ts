import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

/** What the server says of a name: addresses, an error, or nothing at all. */
export type NameAnswer =
  | { readonly kind: 'addresses'; readonly v4?: readonly string[]; readonly v6?: readonly string[] }
  | { readonly kind: 'nxdomain' | 'servfail' | 'silent' };

const TYPE_A = 1;
const TYPE_AAAA = 28;
const CODES = { nxdomain: 3, servfail: 2 } as const;

/** A DNS server on loopback that says what a row wants it to, over UDP as resolvers ask first. */
export class NameServer {
  readonly address: string;
  readonly #socket: Socket;
  readonly #answers = new Map<string, NameAnswer>();
  #asked = 0;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.on('message', (query, from) => this.#answer(query, from));
  }

  /** Port 53 is where resolvers look, so this needs the right to bind it. @throws EACCES, EADDRINUSE */
  static async start(address: string): Promise<NameServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(53, address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new NameServer(socket, address);
  }

  /** Questions that were asked so far, of any name. */
  get asked(): number {
    return this.#asked;
  }

  /** Names that are not set do not exist. */
  set(name: string, answer: NameAnswer): void {
    this.#answers.set(name.toLowerCase(), answer);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(query: Buffer, from: RemoteInfo): void {
    this.#asked++;
    const { name, type, end } = questionIn(query);
    const answer = this.#answers.get(name) ?? { kind: 'nxdomain' };
    if (answer.kind === 'silent') return;
    const records = answer.kind === 'addresses' ? recordsOf(answer, type) : [];
    const head = Buffer.from(query.subarray(0, 12));
    // A response, recursion available; the question is repeated, nothing but answers follows.
    head.writeUInt16BE(0x8180 | (answer.kind === 'addresses' ? 0 : CODES[answer.kind]), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    this.#socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  }
}

/** @see RFC 1035, section 4.1.2 */
function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordsOf(answer: NameAnswer & { kind: 'addresses' }, type: number): Buffer[] {
  if (type === TYPE_A)
    return (answer.v4 ?? []).map((address) => record(TYPE_A, Buffer.from(address.split('.').map(Number))));
  if (type === TYPE_AAAA) return (answer.v6 ?? []).map((address) => record(TYPE_AAAA, bytesOfV6(address)));
  return [];
}

/** Names the question by a pointer to it; valid for no time, so that nothing is remembered. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOfV6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const head = words(left);
  const tail = words(right);
  const all = address.includes('::') ? [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail] : head;
  const bytes = Buffer.alloc(16);
  for (const [index, word] of all.entries()) bytes.writeUInt16BE(Number(word), index * 2);
  return bytes;
}
