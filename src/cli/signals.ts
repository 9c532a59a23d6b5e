const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal that asks this process to end. A second one does what it does by default. */
export function untilSignal(host: Pick<NodeJS.Process, 'on' | 'off'>): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      for (const name of STOPPING) host.off(name, onSignal);
      resolve(signal);
    };
    for (const name of STOPPING) host.on(name, onSignal);
  });
}
