import { join } from 'node:path';
import { z } from 'zod';
import { freePort, type Processes } from '../harness/processes.ts';

const served = z.object({ answers: z.number(), streams: z.number(), frames: z.number() });
export type Served = z.output<typeof served>;

/** What a mock speaks; it answers nobody who speaks anything else. */
export const MOCK_DIALECTS = ['chat', 'messages', 'responses', 'gemini'] as const;
export type MockDialect = (typeof MOCK_DIALECTS)[number];

/** The mock of streams and long prompts, `stream-server.ts` in a process of its own. */
export interface StreamMock {
  readonly pid: number;
  readonly port: number;
  served(): Promise<Served>;
}

export async function startStreamMock(processes: Processes, dialect: MockDialect = 'chat'): Promise<StreamMock> {
  const port = await freePort();
  const script = join(import.meta.dirname, 'stream-server.ts');
  const started = processes.start(`stream-mock-${dialect}`, [
    process.execPath,
    ...process.execArgv,
    script,
    String(port),
    dialect,
  ]);
  await processes.listening(started, port);
  return {
    pid: started.pid,
    port,
    served: async () => served.parse(await (await fetch(`http://127.0.0.1:${port}/served`)).json()),
  };
}
