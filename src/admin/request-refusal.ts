import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { errorCode, GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import { ADMIN_CONTRACT } from './contract/contract.ts';
import type { AdminOperation } from './endpoints.ts';

const PLACE: Readonly<Record<string, string>> = {
  querystring: 'query parameter',
  params: 'path parameter',
  body: 'field',
};

/**
 * What went wrong on the way through Fastify, as the front door knows it: a
 * question that is not as the contract wants it becomes `invalid_request` with
 * the parameter's name, everything else stays what it was.
 */
export function refusalOf(thrown: unknown, operation: AdminOperation | undefined): unknown {
  if (!hasZodFastifySchemaValidationErrors(thrown)) return hasBadType(thrown) ? unreadableType() : thrown;
  const [issue] = thrown.validation;
  const place = thrown.validationContext ?? 'body';
  const what = PLACE[place] ?? place;
  const unknown = issue?.keyword === 'unrecognized_keys' ? firstText(issue.params['keys']) : undefined;
  if (unknown !== undefined) {
    const known = knownNames(operation, place);
    const near = nearest(unknown, known);
    const hint = near === undefined ? `Known: ${known.join(', ') || 'none'}.` : `Did you mean ${near}?`;
    return invalid(`There is no ${what} '${unknown.slice(0, 64)}' here. ${hint}`, unknown.slice(0, 64));
  }
  const param = issue?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const where = param === '' ? 'The body' : `The ${what} '${param}'`;
  return invalid(`${where} is not as it should be: ${issue?.message}.`, param);
}

/**
 * Refuses text with the character U+0000 wherever it stands, because no text in
 * Postgres can hold it: a question with one would fail inside the store.
 *
 * @throws `invalid_request` with the path of the value
 */
export function refuseNul(what: string, value: unknown, path = ''): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw invalid(`The ${what} '${path}' holds the character U+0000. Leave it out.`, path);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, entry] of Object.entries(value)) {
    refuseNul(what, entry, path === '' ? name : `${path}.${name}`);
  }
}

/** Fastify takes no content-type that is none, whatever it reads bodies with. */
function hasBadType(thrown: unknown): boolean {
  return errorCode(thrown) === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
}

function unreadableType(): GatewayError {
  return new GatewayError('invalid_request', {
    message: 'The content-type header cannot be read. Send application/json.',
    param: 'content-type',
  });
}

function invalid(message: string, param: string): GatewayError {
  return new GatewayError('invalid_request', { message, ...(param === '' ? {} : { param }) });
}

function firstText(keys: unknown): string | undefined {
  const first: unknown = Array.isArray(keys) ? keys[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

/** The names that a strict object of the contract takes. */
function knownNames(operation: AdminOperation | undefined, place: string): string[] {
  if (operation === undefined) return [];
  const contract: { readonly query: unknown; readonly body?: unknown } = ADMIN_CONTRACT[operation];
  const schema = place === 'querystring' ? contract.query : contract.body;
  if (typeof schema !== 'object' || schema === null || !('shape' in schema)) return [];
  return Object.keys(schema.shape ?? {});
}
