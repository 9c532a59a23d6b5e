/** Round values from `min` to above `max`, four or five steps of 1, 2 or 5 times a power of ten. */
export function roundTicks(min: number, max: number): readonly number[] {
  const span = Math.max(max - min, Number.MIN_VALUE);
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const first = Math.floor(min / step + 1e-9);
  const last = Math.ceil(max / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(10)));
}
