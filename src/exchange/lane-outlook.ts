import { GatewayError } from '../kernel/errors.ts';
import type { Loss } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type { Translations } from './lane.ts';
import { encodeTargetOf, laneOf } from './lanes.ts';
import { lostField } from './losses.ts';

/** How a call would be told to a target, without telling it. */
export interface LaneOutlook {
  /** In which the target would be spoken to. */
  readonly dialect: Dialect;
  readonly translated: boolean;
  /** What it would not be told. */
  readonly losses: readonly Loss[];
  /** So many more, which nobody has named. */
  readonly moreLosses: number;
  /** Why it cannot be told the call, or may not. */
  readonly refusal: GatewayError | undefined;
}

/**
 * Says a call for a target as an attempt would, and throws the words away.
 *
 * @param outputTokensMax the bound that money puts on an answer
 */
export async function laneOutlook(
  call: AdmittedCall,
  target: PlannedTarget,
  translations: Translations | undefined,
  outputTokensMax: number | undefined,
): Promise<LaneOutlook> {
  const lane = laneOf(call, target, translations);
  await lane.prepare();
  const base = { dialect: lane.dialect, translated: lane.translated };
  try {
    const { losses = [], moreLosses = 0 } = lane.encode(encodeTargetOf(target, { outputTokensMax }));
    const [lost] = call.facts.strict === true ? losses : [];
    return { ...base, losses, moreLosses, refusal: lost === undefined ? undefined : lostField(lost, target) };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { ...base, losses: [], moreLosses: 0, refusal: thrown };
  }
}
