/** What Anthropic's models take and refuse, as far as a request for one depends on it. */
export interface ModelTraits {
  /** Thinks as much as it sees fit, guided by an effort. */
  readonly adaptive: boolean;
  /** Takes a budget of tokens for its thoughts. */
  readonly budgets: boolean;
  readonly canStopThinking: boolean;
  /** Of temperature and top_p: takes both, one of them, or neither and no top_k. */
  readonly sampling: 'both' | 'one' | 'none';
  /** Can be made to call a tool. */
  readonly forcedTools: boolean;
  readonly xhighEffort: boolean;
  /** Keeps its tool calls to the tool's schema where it is asked to. */
  readonly strictTools: boolean;
}

/** Whatever speaks this dialect under a name that is not known, and the older models in most of it. */
const BASE: ModelTraits = {
  adaptive: false,
  budgets: true,
  canStopThinking: true,
  sampling: 'both',
  forcedTools: true,
  xhighEffort: false,
  strictTools: true,
};

const NEWER_NAME = /(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;

/**
 * By the name, wherever a cloud's own prefix and suffix leave it:
 * `anthropic.claude-opus-4-7-v1:0`, `claude-sonnet-4.5`, `claude-opus-4-20250514`.
 *
 * @see the table of models in `@ai-sdk/anthropic` 4.0.105 and the types of `@anthropic-ai/sdk` 1.12.0 (read
 *   2026-11-21); the vendor's own pages on its models were not at hand
 */
export function modelTraits(model: string): ModelTraits {
  if (model.includes('mythos-preview')) return { ...LATER, canStopThinking: false };
  const found = NEWER_NAME.exec(model.toLowerCase());
  if (found === null) return /claude-(?:[23]|instant)/.test(model) ? { ...BASE, strictTools: false } : BASE;
  const [, family, major, minor] = found;
  const version = Number(major) * 100 + Number(minor ?? 0);
  if (version < 401) return { ...BASE, strictTools: false };
  if (version < 406) return { ...BASE, sampling: 'one' };
  if (version < 407) return { ...BASE, adaptive: true, sampling: 'one' };
  return laterModel(family ?? '', version);
}

const LATER: ModelTraits = { ...BASE, adaptive: true, sampling: 'none', xhighEffort: true, budgets: false };

function laterModel(family: string, version: number): ModelTraits {
  if (family === 'fable' || family === 'mythos') {
    return { ...LATER, canStopThinking: false, forcedTools: version < 501 };
  }
  if (version < 505) return LATER;
  // Of this generation the smallest model alone can be told not to think, and to use a tool.
  return family === 'haiku' ? LATER : { ...LATER, canStopThinking: false, forcedTools: false };
}
