/** What `leeward call` is told, as far as the request's body goes. */
export interface ChatWish {
  readonly model: string;
  readonly prompt: string;
  readonly system?: string | undefined;
  readonly maxTokens?: number | undefined;
  /** Any other fields, as the caller wants them. They win. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** The request in OpenAI's shape, always streamed and with its usage at the end. */
export function chatBody(wish: ChatWish): string {
  return JSON.stringify({
    model: wish.model,
    messages: [
      ...(wish.system === undefined ? [] : [{ role: 'system', content: wish.system }]),
      { role: 'user', content: wish.prompt },
    ],
    ...(wish.maxTokens === undefined ? {} : { max_tokens: wish.maxTokens }),
    stream: true,
    stream_options: { include_usage: true },
    ...wish.fields,
  });
}

/** The headers besides the key's. */
export function chatHeaders(route: string | undefined): Record<string, string> {
  return { 'content-type': 'application/json', ...(route === undefined ? {} : { 'x-leeward-route': route }) };
}

/** The same call as a line for a shell. The key stays where it is: `keyShell` says how a shell gets at it. */
export function curlLine(
  url: string,
  keyShell: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const given = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return [
    `curl -sSN ${quoted(`${url}/v1/chat/completions`)}`,
    `-H "Authorization: Bearer ${keyShell}"`,
    ...given,
    `-d ${quoted(body)}`,
  ].join(' ');
}

/** For a POSIX shell: nothing inside single quotes means anything but the quote itself. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
