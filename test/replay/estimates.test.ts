import { describe, expect, test } from 'vitest';
import { openAiChat } from '../../src/edge/openai/dialects.ts';
import type { AnswerFacts } from '../../src/exchange/dialect.ts';
import { countTokens } from '../../src/tokens/token-worker.ts';
import { type PresetRecording, presetRecordings } from '../presets/recordings.ts';

/**
 * What recorded calls really used, beside our bounds and our own count: skipped
 * with a notice where the recordings are absent.
 */
const recordings = presetRecordings().filter(
  ({ status, request }) => status === 200 && Array.isArray(request['messages']),
);

if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip('no recordings: set LEEWARD_FIXTURES to compare recorded usage with our own count', () => undefined);
}

function factsOf({ stream, response }: PresetRecording): AnswerFacts {
  if (!stream) return openAiChat.readAnswer(response);
  const gate = openAiChat.streamGate({ dropUsage: false, eventBytesMax: 1e7 });
  gate.push(response);
  gate.finish();
  return gate.facts;
}

/** By how much our own count is off, in hundredths. */
function offPercent(own: number, theirs: number | undefined): string {
  if (theirs === undefined || theirs === 0) return 'not counted';
  return `${own} of ${theirs}, ${Math.round(((own - theirs) * 100) / theirs)} %`;
}

describe.runIf(recordings.length > 0)('recorded calls', () => {
  test.each(recordings.map((recording) => [recording.id, recording] as const))(
    '%s: no bound is below what was counted',
    (_, recording) => {
      const { usage } = factsOf(recording);
      const call = openAiChat.parse(Buffer.from(JSON.stringify(recording.request)));
      const measure = call.measure();
      const counted = countTokens(measure.text()) + measure.otherTokensMax;
      if (usage?.inputTokens === undefined) return;
      expect(measure.inputTokensMax).toBeGreaterThanOrEqual(usage.inputTokens);
      expect(Math.ceil(counted * 1.1) + 32).toBeGreaterThanOrEqual(usage.inputTokens);
    },
  );

  test('our own count of OpenAI’s texts is OpenAI’s; how far it is off for tools and other vendors is printed', () => {
    const off = Object.fromEntries(
      recordings.map((recording) => {
        const { usage, output } = factsOf(recording);
        const { texts, otherTokens } = openAiChat
          .parse(Buffer.from(JSON.stringify(recording.request)))
          .measure()
          .prompt();
        const input = texts.reduce((sum, text) => sum + countTokens(text), otherTokens);
        const said = countTokens(output?.() ?? '');
        return [recording.id, [offPercent(input, usage?.inputTokens), offPercent(said, usage?.outputTokens)]];
      }),
    );
    process.stdout.write(`Our own count, input and output: ${JSON.stringify(off, undefined, 2)}\n`);
    for (const [id, ways] of Object.entries(off)) {
      if (id.startsWith('openai-chat/text'))
        expect(ways).toEqual(['0 %', '0 %'].map((way) => expect.stringContaining(`, ${way}`)));
    }
  });
});
