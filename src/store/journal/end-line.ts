import type { AttemptEnd, AttemptOutcome } from '../../protocol/attempt-record.ts';
import type { Usage, UsageSource } from '../../protocol/usage.ts';

type Mutable<Shape> = { -readonly [Field in keyof Shape]: Shape[Field] };

/**
 * An end as the writer writes it: these fields, in this order, texts of plain
 * ASCII that JSON leaves as it is, numbers that their columns hold.
 */
const END = new RegExp(
  String.raw`^\{"kind":"end","callId":"(\w+)","attempt":(\d{1,9}),"callStartedAt":(\d{1,15}),"endedAt":(\d{1,15})` +
    String.raw`,"outcome":"(\w+)","last":(true|false),"totalMs":(\d{1,9}(?:\.\d{1,6})?)(?:,"status":(\d{1,9}))?(?:,"clientStatus":(\d{1,9}))?` +
    String.raw`(?:,"errorCode":"(\w+)")?(?:,"errorMessage":"([ !#-[\]-~]*)")?(?:,"finishReason":"([\w-]*)")?` +
    String.raw`(,"usage":\{(?:"inputTokens":(\d{1,15}))?(?:,"cachedInputTokens":(\d{1,15}))?(?:,"cacheWriteTokens":(\d{1,15}))?` +
    String.raw`(?:,"outputTokens":(\d{1,15}))?(?:,"reasoningTokens":(\d{1,15}))?\})?(?:,"usageSource":"(\w+)")?` +
    String.raw`(?:,"costNanoUsd":"(\d{1,18})")?(?:,"chargeNanoUsd":"(\d{1,18})")?(?:,"holdNanoUsd":"(\d{1,18})")?` +
    String.raw`(?:,"overrun":(true|false))?(?:,"firstTokenMs":(\d{1,9}(?:\.\d{1,6})?))?` +
    String.raw`(?:,"upstreamRequestId":"([ !#-[\]-~]*)")?\}$`,
);

/**
 * The end in a line that looks as usual: what `parseRecord` makes of it, in
 * half the time. `undefined` for any other line.
 */
export function usualEnd(line: string): AttemptEnd | undefined {
  const found = END.exec(line);
  if (found === null) return undefined;
  const end: Mutable<AttemptEnd> = {
    kind: 'end',
    callId: found[1] ?? '',
    attempt: Number(found[2]),
    callStartedAt: Number(found[3]),
    endedAt: Number(found[4]),
    outcome: found[5] as AttemptOutcome,
    last: found[6] === 'true',
    totalMs: Number(found[7]),
  };
  if (found[8] !== undefined) end.status = Number(found[8]);
  if (found[9] !== undefined) end.clientStatus = Number(found[9]);
  if (found[10] !== undefined) end.errorCode = found[10];
  if (found[11] !== undefined) end.errorMessage = found[11];
  if (found[12] !== undefined) end.finishReason = found[12];
  if (found[13] !== undefined) end.usage = usageOf(found);
  if (found[19] !== undefined) end.usageSource = found[19] as UsageSource;
  if (found[20] !== undefined) end.costNanoUsd = found[20];
  if (found[21] !== undefined) end.chargeNanoUsd = found[21];
  if (found[22] !== undefined) end.holdNanoUsd = found[22];
  if (found[23] !== undefined) end.overrun = found[23] === 'true';
  if (found[24] !== undefined) end.firstTokenMs = Number(found[24]);
  if (found[25] !== undefined) end.upstreamRequestId = found[25];
  return end;
}

function usageOf(found: RegExpExecArray): Usage {
  const usage: Mutable<Usage> = {};
  if (found[14] !== undefined) usage.inputTokens = Number(found[14]);
  if (found[15] !== undefined) usage.cachedInputTokens = Number(found[15]);
  if (found[16] !== undefined) usage.cacheWriteTokens = Number(found[16]);
  if (found[17] !== undefined) usage.outputTokens = Number(found[17]);
  if (found[18] !== undefined) usage.reasoningTokens = Number(found[18]);
  return usage;
}
