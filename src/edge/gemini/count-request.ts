import type { NativeCall, RequestTarget, WireDialect } from '../../exchange/dialect.ts';
import { jsonMembers, spliced } from '../../kernel/json-members.ts';
import { invalidField, isObject, requestObject } from '../request-object.ts';
import { modelOf } from './address.ts';
import { withCamelNames } from './field-names.ts';
import { measureRequest } from './measure.ts';
import { memberOf } from './request.ts';

/**
 * `:countTokens` asks of contents alone, or of a whole request in
 * `generateContentRequest`, which names its model too.
 *
 * @throws `invalid_request` where there is neither
 */
export function parseCount(body: Buffer, target: RequestTarget | undefined, dialect: WireDialect): NativeCall {
  const modelAsked = modelOf(target);
  const given = requestObject(body);
  const members = jsonMembers(body);
  const fields = withCamelNames(given);
  const { generateContentRequest: whole, contents } = fields;
  const asked = isObject(whole) ? whole : fields;
  if (!Array.isArray(asked['contents'])) {
    throw invalidField('contents', 'CountTokensRequest.contents: contents is not specified');
  }
  if (isObject(whole) && contents !== undefined && contents !== null) {
    throw invalidField('contents', 'Give either contents or generateContentRequest, not both.');
  }
  return {
    dialect,
    modelAsked,
    stream: false,
    bodyBytes: body.length,
    fields,
    usageWanted: true,
    measure: () => measureRequest(asked, body),
    encode: ({ model }) => {
      const member = isObject(whole) ? memberOf({ members }, 'generateContentRequest') : undefined;
      const inner = member && jsonMembers(body.subarray(member.valueStart, member.valueEnd));
      const name = inner?.find(({ key }) => key === 'model');
      if (member === undefined || name === undefined) return { bytes: body, usageInjected: false };
      const [start, end] = [member.valueStart + name.valueStart, member.valueStart + name.valueEnd];
      const text = JSON.stringify(`models/${model}`);
      return { bytes: spliced(body, [{ start, end, text }]), usageInjected: false };
    },
  };
}
