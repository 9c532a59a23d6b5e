/** One event on the wire. Its name is said twice, in the frame and in the data, as Anthropic does. */
export function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
