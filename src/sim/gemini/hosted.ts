import type { randomFor } from '../draws.ts';
import { plainWords } from '../prose/prose.ts';
import { nameFits } from '../tools.ts';
import type { AnswerPart, Grounding } from './answer.ts';
import type { ComposeBrief } from './brief.ts';

/** A tool of the provider's that ran. */
export interface HostedRun {
  readonly parts: readonly AnswerPart[];
  /** What the answer says first because of it. */
  readonly lead: string;
  readonly grounding?: Grounding;
  readonly readUrls?: readonly string[];
  readonly foundTokens: number;
}

const RUNNABLE = {
  googleSearch: 'google search',
  codeExecution: 'code execution',
  urlContext: 'https http',
} as const;
type Runnable = keyof typeof RUNNABLE;

/** Runs the tool the question asks for, or the only kind of tool there is. */
export function runHosted(brief: ComposeBrief, random: ReturnType<typeof randomFor>): HostedRun | undefined {
  const { request, turn } = brief;
  if (turn.continues || turn.responses.length > 0) return undefined;
  const offered = request.tools.hosted.filter((tool): tool is Runnable => tool in RUNNABLE);
  const fitting = offered.find((tool) => nameFits(RUNNABLE[tool], turn.userText));
  const tool = fitting ?? (request.calling.allowed.length === 0 ? offered[0] : undefined);
  switch (tool) {
    case 'googleSearch':
      return search(brief, random);
    case 'codeExecution':
      return runCode(brief);
    case 'urlContext':
      return readPages(brief);
    default:
      return undefined;
  }
}

function search({ words, context }: ComposeBrief, random: ReturnType<typeof randomFor>): HostedRun {
  const query = words.join(' ') || 'news';
  const pages = [1, 2].map((rank) => ({
    uri: `https://harbor.example/${encodeURIComponent(query)}/${rank}`,
    title: `harbor.example, part ${rank}`,
  }));
  // A quotation mark is three bytes and one character: places in the text are told in bytes.
  const passage = `“${query}”: ${plainWords(random, 5)}.`;
  return {
    parts: [],
    lead: `It is written: ${passage} `,
    grounding: { query, pages, passage },
    foundTokens: context.tokens.count(`${query} ${passage}`),
  };
}

function runCode({ words, context, model }: ComposeBrief): HostedRun {
  const said = words.join(' ') || 'ready';
  const code = `print(${JSON.stringify(said)})`;
  const id = model.reasoningTokens === undefined ? {} : { id: 'code_1' };
  const output = `${said}\n`;
  return {
    parts: [
      {
        kind: 'whole',
        object: { executableCode: { language: 'PYTHON', code, ...id } },
        tokens: context.tokens.count(code),
      },
      { kind: 'whole', object: { codeExecutionResult: { outcome: 'OUTCOME_OK', output, ...id } }, tokens: 0 },
    ],
    lead: `The code printed: ${said}. `,
    foundTokens: context.tokens.count(output),
  };
}

function readPages({ turn, context }: ComposeBrief): HostedRun | undefined {
  const readUrls = turn.userText.match(/https?:\/\/[^\s<>"]+/g)?.slice(0, 20);
  if (readUrls === undefined) return undefined;
  return {
    parts: [],
    lead: `I read ${readUrls.join(' and ')}. `,
    readUrls,
    foundTokens: context.tokens.count(readUrls.join('\n')),
  };
}
