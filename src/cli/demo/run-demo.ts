import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { VERSION } from '../package-facts.ts';
import { Script } from './script.ts';
import { openStage } from './stage.ts';
import { Voice } from './voice.ts';

/** Slow enough to be read, in the pace at which providers talk. */
const READABLE = { firstTokenMs: 250, perTokenMs: 35 };
const FAST = { firstTokenMs: 5, perTokenMs: 1 };

const STOPPED = Symbol('stopped');

/** The whole demo. @throws `CliFailure` (interrupted) when it is stopped; either way nothing stays behind */
export async function runDemo(flags: { readonly fast?: boolean }, context: Context): Promise<void> {
  const { io, clock } = context;
  const stopping = new AbortController();
  stopWith(context, stopping);
  const signal = stopping.signal;
  const fast = flags.fast === true;
  const voice = new Voice(io, clock, signal, fast);
  voice.line(
    voice.paint.bold(`leeward ${VERSION}`) +
      voice.paint.dim('  a real gateway, two simulated providers, nothing leaves this machine'),
  );
  try {
    await using stage = await openStage({ clock, ...(fast || io.outTerminal === undefined ? FAST : READABLE) }, signal);
    await new Script(stage, voice, clock, signal).play();
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    voice.typed();
    if (context.outputGone?.aborted === true) return;
    const next = 'nothing is left behind';
    throw new CliFailure('the demo was stopped', { exitCode: EXIT.interrupted, next, cause: thrown });
  }
  await next(voice);
}

/** The second signal is swallowed too: cleaning up is short, and files would stay behind. */
function stopWith(context: Context, stopping: AbortController): void {
  const stop = () => stopping.abort(STOPPED);
  context.outputGone?.addEventListener('abort', stop, { once: true });
  context.onLauncherGone(stop);
  context
    .untilSignal()
    .then(() => {
      stop();
      return context.untilSignal();
    })
    .catch((error: unknown) => stopping.abort(error));
}

async function next(voice: Voice): Promise<void> {
  await voice.act('Next');
  voice.line('leeward dev                           run it here, with a key and a page to watch it');
  voice.line('leeward init                          write a leeward.yaml for the providers you have');
  voice.line('leeward call sim/sim-small "Hello"    one call from the terminal, once it runs');
  voice.line('leeward --help                        everything else');
}
