import { connect, type Socket } from 'node:net';
import { Program } from './processes.ts';

const FILLING = 4;
const LISTENER = `
const server = require('node:net').createServer();
server.listen({ host: process.argv[1], port: 0, backlog: 1 }, () => console.log('port ' + server.address().port));
`;

/**
 * A port where nobody answers: its process is stopped and its queue is full, so
 * that the kernel drops every further SYN, as a firewall would.
 */
export class SilentPort {
  readonly port: number;
  readonly #program: Program;
  readonly #filling: readonly Socket[];

  private constructor(program: Program, port: number, filling: readonly Socket[]) {
    this.#program = program;
    this.port = port;
    this.#filling = filling;
  }

  static async start(host: string): Promise<SilentPort> {
    const { program, said } = await Program.start({
      name: 'the silent port',
      args: ['-e', LISTENER, host],
      ready: (line) => /^port (\d+)$/.exec(line)?.[1],
    });
    program.signal('SIGSTOP');
    const port = Number(said);
    const filling = Array.from({ length: FILLING }, () => {
      const socket = connect({ host, port });
      // Some of them never connect: that is what they are for.
      socket.on('error', () => socket.destroy());
      return socket;
    });
    return new SilentPort(program, port, filling);
  }

  async stop(): Promise<void> {
    for (const socket of this.#filling) socket.destroy();
    await this.#program.kill();
  }
}
