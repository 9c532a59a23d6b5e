/** One recording, asked one way by one client. */
export interface Row {
  readonly recording: string;
  readonly lane: 'native' | 'translated';
  /** `bytes`: a bare socket. `request`: what went upstream, and what the client was told it lost. */
  readonly client: string;
  readonly verdict: 'pass' | 'fail' | 'not supported';
  /** What did not hold; why it is not supported. */
  readonly problems: readonly string[];
}

export function judged(facts: Pick<Row, 'recording' | 'lane' | 'client'>, problems: readonly string[]): Row {
  return { ...facts, verdict: problems.length === 0 ? 'pass' : 'fail', problems };
}

export function notSupported(facts: Pick<Row, 'recording' | 'lane' | 'client'>, why: string): Row {
  return { ...facts, verdict: 'not supported', problems: [why] };
}
