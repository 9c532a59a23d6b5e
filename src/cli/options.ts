import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../config/units.ts';

/** Options that several commands share, each with its variable; a flag wins over it. */

export function dataOption(): Option {
  return new Option('--data <dir>', 'where keys, records and the store live').env('LEEWARD_DATA').default('./.leeward');
}

export function urlOption(): Option {
  return new Option('--url <url>', 'a server elsewhere, as in http://gateway:5339')
    .env('LEEWARD_URL')
    .argParser(serverUrl);
}

export function tokenOption(): Option {
  return new Option('--token <token>', "that server's admin token; best given by the variable").env(
    'LEEWARD_ADMIN_TOKEN',
  );
}

/** What every command takes that speaks with a server about its data. */
export function addServerOptions(command: Command): Command {
  return command.addOption(dataOption()).addOption(urlOption()).addOption(tokenOption()).addOption(jsonOption());
}

export function configOption(): Option {
  return new Option('--config <file>', 'configuration (default: leeward.yaml, when there is one)').env(
    'LEEWARD_CONFIG',
  );
}

export function hostOption(fallback: string): Option {
  return new Option('--host <address>', `address to listen on (default: ${fallback})`).env('LEEWARD_HOST');
}

export function portOption(fallback: string, variable: string): Option {
  return new Option('--port <number>', `port to listen on, 0 for any free one (default: ${fallback})`)
    .env(variable)
    .argParser(port);
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON for scripts');
}

export function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return number;
}

/** A server's address, without the `/v1` that clients put behind it. */
export function serverUrl(text: string): string {
  const url = text.trim().replace(/\/+$/, '').replace(/\/v1$/, '');
  if (!/^https?:\/\/[^\s/]/.test(url) || !URL.canParse(url)) {
    throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:5339.');
  }
  return url;
}

export function seed(text: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > 0xffff_ffff) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return number;
}

/** A whole number from 1 on. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d{1,9}$/.test(text) || number < 1 || number > max) {
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    }
    return number;
  };
}

/** A length of time, in milliseconds. */
export function lengthMs(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a length of time such as 30s or 10m.');
  return ms;
}

/** How long ago (`7d`) or an instant (`2026-11-01`), as milliseconds since the epoch. */
export function pastMs(text: string, nowMs: number): number {
  const ago = durationMs(text);
  const at = ago === undefined ? Date.parse(text) : nowMs - ago;
  if (!Number.isFinite(at) || !/^\d/.test(text)) {
    throw new InvalidArgumentError('It must be a length of time such as 7d, or a date such as 2026-11-01.');
  }
  if (at > nowMs) throw new InvalidArgumentError('It must be in the past.');
  return at;
}

/** A length of time from now (`30d`) or an instant (`2027-01-31`), as milliseconds since the epoch. */
export function instantMs(text: string, nowMs: number): number {
  const fromNow = durationMs(text);
  const at = fromNow === undefined ? Date.parse(text) : nowMs + fromNow;
  if (!Number.isFinite(at) || !/^\d/.test(text)) {
    throw new InvalidArgumentError('It must be a length of time such as 30d, or a date such as 2027-01-31.');
  }
  if (at <= nowMs) throw new InvalidArgumentError('It must be in the future.');
  return at;
}
