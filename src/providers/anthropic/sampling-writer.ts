import type { ChatCall, Sampling } from '../../protocol/chat/call.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { type SettingName, settingPlace } from '../../protocol/chat/places.ts';
import type { ModelTraits } from './model-traits.ts';

/** With thoughts, `top_p` may be no lower. */
const THINKING_TOP_P_MIN = 0.95;

type Lose = (setting: SettingName, reason: string) => void;

/** Writes what of the sampling settings this API and this model take; those that it never takes are named elsewhere. */
export function writeSampling(
  body: Record<string, unknown>,
  call: ChatCall,
  model: ModelTraits,
  thinks: boolean,
  losses: Loss[],
): void {
  const lose: Lose = (setting, reason) => losses.push({ field: settingPlace(call, setting), reason });
  const { sampling } = call;
  const temperature = temperatureOf(sampling, model, thinks, lose);
  if (temperature !== undefined) body['temperature'] = temperature;
  const topP = topPOf(sampling, model, thinks, temperature, lose);
  if (topP !== undefined) body['top_p'] = topP;
  const topK = topKOf(sampling, model, thinks, lose);
  if (topK !== undefined) body['top_k'] = topK;
  const stop = stopOf(sampling, lose);
  if (stop !== undefined) body['stop_sequences'] = stop;
}

const FIXED = 'this model takes no sampling settings';
const THINKS = 'it cannot be set while the model thinks';

function temperatureOf({ temperature }: Sampling, model: ModelTraits, thinks: boolean, lose: Lose): number | undefined {
  // 1 is what every model does of itself, so there is nothing to lose.
  if (temperature === undefined || (temperature === 1 && (thinks || model.sampling === 'none'))) return undefined;
  if (model.sampling === 'none' || thinks) {
    lose('temperature', thinks ? THINKS : FIXED);
    return undefined;
  }
  if (temperature <= 1) return temperature;
  lose('temperature', 'at most 1 here, so 1 is sent');
  return 1;
}

function topPOf(
  { topP }: Sampling,
  model: ModelTraits,
  thinks: boolean,
  temperature: number | undefined,
  lose: Lose,
): number | undefined {
  if (topP === undefined) return undefined;
  const why =
    model.sampling === 'none'
      ? FIXED
      : thinks && topP < THINKING_TOP_P_MIN
        ? `at least ${THINKING_TOP_P_MIN} while the model thinks`
        : model.sampling === 'one' && temperature !== undefined
          ? 'this model takes a temperature or top_p, not both'
          : undefined;
  if (why === undefined) return topP;
  if (topP !== 1) lose('topP', why);
  return undefined;
}

function topKOf({ topK }: Sampling, model: ModelTraits, thinks: boolean, lose: Lose): number | undefined {
  if (topK === undefined) return undefined;
  if (!thinks && model.sampling !== 'none') return topK;
  lose('topK', thinks ? THINKS : FIXED);
  return undefined;
}

/** The API refuses a stop sequence of nothing but white space. */
function stopOf({ stop }: Sampling, lose: Lose): readonly string[] | undefined {
  if (stop === undefined) return undefined;
  const sent = stop.filter((sequence) => sequence.trim() !== '');
  if (sent.length < stop.length) lose('stop', 'white space alone ends no answer here');
  return sent.length === 0 ? undefined : sent;
}
