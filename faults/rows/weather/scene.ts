import { isDeepStrictEqual } from 'node:util';
import type { SeenRequest } from '../../../test/support/raw-upstream.ts';
import type { House } from '../../harness/house.ts';
import { askJson } from '../../harness/http-json.ts';
import { recordText } from '../../harness/record.ts';
import { breachesOfRules } from '../../harness/rules.ts';
import { seenText } from '../../harness/seen.ts';
import type { Witness } from '../../row.ts';
import { type CallRequest, type FinishedCall, makeCall } from '../call-row.ts';
import type { Answer } from './answers.ts';
import { good } from './answers.ts';

export interface SceneCall extends Partial<CallRequest> {
  /** No attempt can be expected: the call is refused before its first. */
  readonly untried?: true;
}

/** A call as it came out, in the words of these rows. */
export interface Told extends FinishedCall {
  /** Such as `a failed, b ok`. */
  readonly tried: string;
  /** Why the target of the last attempt was chosen, and which were passed over. */
  readonly why: string;
  header(name: string): string | undefined;
}

/** One row's stage: its own providers and route, which no other row's calls reach. */
export class Scene {
  readonly house: House;
  readonly streamed: boolean;
  readonly #place: string;
  readonly #problems: string[] = [];
  readonly #saw: string[] = [];
  readonly #recorded: string[] = [];
  #attempts = 0;

  constructor(house: House, place: string, streamed: boolean) {
    this.house = house;
    this.#place = place;
    this.streamed = streamed;
    this.providers({});
  }

  /** What each provider says, by its name here: to every request, or one after the other, the last one for all that follow. */
  providers(says: Readonly<Record<string, Answer | readonly Answer[]>>): void {
    const turns = new Map<string, number>();
    this.house.raw.answer = (socket, request) => {
      const name = this.#providerOf(request);
      const answers = [says[name] ?? good].flat() as Answer[];
      const turn = turns.get(name) ?? 0;
      turns.set(name, turn + 1);
      const answer = answers[Math.min(turn, answers.length - 1)] ?? good;
      if (typeof answer === 'function') void answer(socket, request);
      else socket.write(answer);
    };
  }

  /** One call to the row's route, held against the rules that hold for every call. */
  async call(asked: SceneCall = {}): Promise<Told> {
    const { untried, ...request } = asked;
    const call = await makeCall(this.house, { model: this.route, streamed: this.streamed, ...request });
    const { seen, record, answer } = call;
    const breaches = breachesOfRules(seen, record);
    this.#problems.push(...(untried === true ? breaches.filter((text) => !/has no attempt/.test(text)) : breaches));
    const attempts = record?.attempts ?? [];
    this.#attempts += attempts.length;
    this.#saw.push(seenText(seen));
    this.#recorded.push(recordText(record));
    const header = (name: string) => answer.headers.get(name);
    this.is('x-leeward-attempts', header('x-leeward-attempts'), String(attempts.length));
    this.is('recorded status', record?.status, seen.status);
    const named = (provider: string) => provider.replace(`${this.#place}-`, '');
    const tried = attempts.map(({ provider, outcome }) => `${named(provider)} ${outcome}`).join(', ');
    return { ...call, header, tried, why: attempts.at(-1)?.route_reason ?? '' };
  }

  /** The row's route, as a client names it. */
  get route(): string {
    return `route/${this.#place}`;
  }

  /** Attempts of a call whose client did not wait for its end. */
  left(attempts: number): void {
    this.#attempts += attempts;
  }

  /** A model of one of the row's providers, as a client names it. */
  name(provider: string, model: string): string {
    return `${this.#place}-${provider}/${model}`;
  }

  /** Requests that a provider got, in their order. */
  asked(provider: string): readonly SeenRequest[] {
    return this.house.raw.seen.filter((request) => this.#providerOf(request) === provider);
  }

  /** What `GET /admin/targets` says of a provider. */
  async target(provider: string): Promise<Record<string, unknown>> {
    const { house } = this;
    const url = `${house.url}/admin/targets?provider=${this.#place}-${provider}`;
    const { data } = await askJson(url, { bearer: house.adminToken });
    return (data as Record<string, unknown>[])[0] ?? {};
  }

  is(what: string, found: unknown, wanted: unknown): void {
    if (!isDeepStrictEqual(found, wanted)) this.#problems.push(`${what} is ${shown(found)}, not ${shown(wanted)}`);
  }

  says(what: string, text: string | undefined, wanted: RegExp): void {
    if (text === undefined || !wanted.test(text)) this.#problems.push(`${what} is ${shown(text)}, not ${wanted}`);
  }

  holds(what: string, held: boolean): void {
    if (!held) this.#problems.push(what);
  }

  get witness(): Witness {
    return {
      saw: this.#saw.slice(-3).join(' | '),
      recorded: this.#recorded.slice(-2).join(' || '),
      problems: this.#problems,
      attempts: this.#attempts,
    };
  }

  #providerOf({ head }: SeenRequest): string {
    const [, path = ''] = /^\S+ \/v1\/(\S+?)\//.exec(head) ?? [];
    return path.replace(`${this.#place}-`, '');
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
