import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from './at-exit.ts';
import { NameServer } from './name-server.ts';
import { NotHere } from './not-here.ts';
import { provider } from './provider.ts';

/** The names that rows call providers by: `local.leeward.test` is the provider `name-local`. */
export const NAMES = ['local', 'servfail', 'silent', 'mute', 'flip', 'metadata', 'black-v6', 'gone'] as const;
export type Name = (typeof NAMES)[number];

export function hostOf(name: Name): string {
  return `${name}.leeward.test`;
}

/**
 * A name server of the house, and a `resolv.conf` that only its gateway sees:
 * the C library asks as it does everywhere, nothing of the product is replaced.
 */
export class Names {
  readonly server: NameServer;
  readonly #port: number;
  readonly #folder: string;
  readonly #removeFolder: () => void;

  private constructor(server: NameServer, port: number) {
    this.server = server;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'leeward-names-'));
    this.#removeFolder = undoAtExit(() => rmSync(this.#folder, { recursive: true, force: true }));
    writeFileSync(join(this.#folder, 'resolv.conf'), `nameserver ${server.address}\noptions timeout:3 attempts:1\n`);
  }

  /** @param port where every provider of these names listens @throws NotHere without the rights */
  static async start(port: number): Promise<Names> {
    if (process.getuid?.() !== 0) throw new NotHere('a name server and a resolv.conf of our own need root');
    const address = `127.53.${Math.floor(Math.random() * 256)}.${1 + Math.floor(Math.random() * 254)}`;
    return new Names(await NameServer.start(address), port);
  }

  /** The command that a gateway is started within. */
  get mount(): readonly string[] {
    const file = join(this.#folder, 'resolv.conf');
    return ['unshare', '-m', 'sh', '-c', `mount --bind '${file}' /etc/resolv.conf && exec "$0" "$@"`];
  }

  providers(): Record<string, unknown> {
    const timeouts = { connect: '1s' };
    return Object.fromEntries(
      NAMES.map((name) => [`name-${name}`, provider(`http://${hostOf(name)}:${this.#port}/v1`, { timeouts })]),
    );
  }

  async stop(): Promise<void> {
    await this.server.stop();
    this.#removeFolder();
  }
}
