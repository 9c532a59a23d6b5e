import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';
import type { Input } from './io.ts';

/** The process's own input. Touching `process.stdin` opens it, so that happens when a command asks for it. */
export function standardInput(open: () => NodeJS.ReadStream): Input {
  return {
    get isTerminal() {
      return open().isTTY;
    },
    async text(bytesMax) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of open()) {
        const part = Buffer.from(chunk);
        bytes += part.length;
        if (bytes > bytesMax) {
          throw new CliFailure(`standard input is larger than ${bytesMax} bytes`, {
            exitCode: EXIT.usage,
            next: 'send less of it',
          });
        }
        chunks.push(part);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}
