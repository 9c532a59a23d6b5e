const QUOTED_CHARS_MAX = 160;

/** The beginning of a tool's result, on one line, so that the answer shows it was read. */
export function shortened(text: string): string {
  const line = [
    ...text
      .slice(0, QUOTED_CHARS_MAX * 2)
      .replaceAll(/\s+/g, ' ')
      .trim(),
  ];
  return line.length <= QUOTED_CHARS_MAX ? line.join('') : `${line.slice(0, QUOTED_CHARS_MAX).join('')}…`;
}
