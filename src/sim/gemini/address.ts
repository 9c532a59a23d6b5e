/** Where a call of this dialect goes: the model stands in the path, and what is asked of it behind a colon. */
export interface GeminiAddress {
  readonly model: string;
  readonly method: string;
}

const CALL = /^\/v1(?:beta|alpha)?\/models\/([^:]+):([A-Za-z]+)$/;

/** @returns undefined for a path that calls no model */
export function geminiAddress(pathname: string): GeminiAddress | undefined {
  const [, model, method] = CALL.exec(pathname) ?? [];
  return model === undefined || method === undefined ? undefined : { model: unescaped(model), method };
}

/** A name that is not escaped rightly is the name of no model: it is looked for as it stands. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
