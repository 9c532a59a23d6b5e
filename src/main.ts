import type { Gateway, GatewayOptions } from './compose.ts';

export interface RunningGateway {
  /** Resolves with the exit code once everything is stopped. */
  readonly done: Promise<number>;
  drain(): Promise<void>;
}

const INTERRUPTED = 130;

/**
 * The gateway as a process: the first signal drains it, the second one stops
 * it at once, and an error nobody handled ends it with everything recorded.
 * A hang-up asks a served gateway to read its configuration again, as daemons
 * do; in dev it means that the terminal is gone.
 */
export async function runGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { startGateway } = await import('./compose.ts');
  let running: Gateway | undefined;
  // A service manager that asks for a reload early must not end a gateway that still starts.
  const onHangUp = () => {
    running?.config.reload('signal').catch((err: unknown) => running?.log.error({ err }, 'the reload failed'));
  };
  if (options.mode === 'serve') process.on('SIGHUP', onHangUp);
  const gateway = await startGateway(options);
  running = gateway;
  const done = Promise.withResolvers<number>();
  let signals = 0;
  let exitCode = 0;
  const drain = async (announced: boolean) => {
    await gateway.drain(announced);
    done.resolve(exitCode);
  };
  // The drain that it cuts short ends with the same code.
  const stop = async (code: number) => {
    exitCode = code;
    await gateway.stop();
    done.resolve(code);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    signals++;
    gateway.log.info({ signal, signals }, 'a signal asks the gateway to end');
    // A service manager ends it behind a balancer; whoever presses Ctrl-C wants it gone.
    const announced = options.mode === 'serve' && signal === 'SIGTERM';
    (signals === 1 ? drain(announced) : stop(INTERRUPTED)).catch(done.reject);
  };
  const ending: NodeJS.Signals[] = options.mode === 'serve' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of ending) process.on(signal, onSignal);
  const onFatal = (err: unknown) => {
    gateway.log.fatal({ err }, 'an error nobody handled: the gateway stops');
    stop(1).catch(done.reject);
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
  const cleaned = done.promise.finally(() => {
    for (const signal of ending) process.off(signal, onSignal);
    process.off('SIGHUP', onHangUp);
    process.off('uncaughtException', onFatal);
    process.off('unhandledRejection', onFatal);
  });
  return { done: cleaned, drain: () => drain(false) };
}
