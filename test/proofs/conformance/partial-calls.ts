import { isJson, type Json, objectOf, objectsOf, textOf } from './json.ts';

/**
 * Calls whose arguments came in pieces, as whole ones (Vertex AI,
 * `streamFunctionCallArguments`): the first piece names the function, each
 * further one says a value by its path, or goes on with a text.
 */
export function wholeCalls(parts: readonly Json[]): Json[] {
  const found: Json[] = [];
  let open: { call: Record<string, unknown>; args: Record<string, unknown> } | undefined;
  for (const part of parts) {
    const { functionCall: piece } = part;
    if (
      !isJson(piece) ||
      (open === undefined && piece['willContinue'] !== true && piece['partialArgs'] === undefined)
    ) {
      found.push(part);
      continue;
    }
    if (open === undefined) {
      const args: Record<string, unknown> = { ...objectOf(piece['args']) };
      const call: Record<string, unknown> = { ...piece, args };
      open = { call, args };
      found.push({ ...part, functionCall: call });
    }
    for (const { jsonPath, ...value } of objectsOf(piece['partialArgs'])) put(open.args, textOf(jsonPath) ?? '', value);
    if (piece['willContinue'] !== true) open = undefined;
  }
  return found;
}

function put(args: Record<string, unknown>, jsonPath: string, value: Json): void {
  const path = jsonPath
    .replace(/^\$\.?/, '')
    .split(/[.[\]]+/)
    .filter((step) => step !== '');
  const last = path.pop() ?? '';
  let at = args;
  for (const step of path) {
    if (!isJson(at[step]) && !Array.isArray(at[step])) at[step] = {};
    at = at[step] as Record<string, unknown>;
  }
  const { stringValue, numberValue, boolValue } = value;
  if (typeof stringValue === 'string') at[last] = (textOf(at[last]) ?? '') + stringValue;
  else at[last] = numberValue ?? boolValue ?? null;
}
