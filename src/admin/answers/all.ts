import type { AdminParts } from '../admin-parts.ts';
import type { Answers } from './answers.ts';
import { callAnswer, callsAnswer } from './calls.ts';
import { providersAnswer, reloadAnswer, routesAnswer } from './configuration.ts';
import { createdKeyAnswer, keyAnswer, keysAnswer, revokedKeyAnswer } from './keys.ts';
import { modelsAnswer } from './models.ts';
import { statusAnswer } from './status.ts';
import { usageAnswer } from './usage.ts';

/** Which function answers which operation. */
export function answersOf(parts: AdminParts): Answers {
  return {
    status: () => statusAnswer(parts),
    config: () => ({ ...parts.config.effective() }),
    reload_config: () => reloadAnswer(parts),
    list_providers: (question) => providersAnswer(parts, question),
    list_routes: (question) => routesAnswer(parts, question),
    list_models: (question) => modelsAnswer(parts, question),
    list_keys: (question) => keysAnswer(parts, question),
    create_key: (question) => createdKeyAnswer(parts, question),
    get_key: (question) => keyAnswer(parts, question),
    revoke_key: (question) => revokedKeyAnswer(parts, question),
    list_calls: (question) => callsAnswer(parts, question),
    get_call: (question) => callAnswer(parts, question),
    usage: (question) => usageAnswer(parts, question),
  };
}
