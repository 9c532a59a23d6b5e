/**
 * Corrections in batches of about `size`, those of one call together and in the
 * order of its attempts: the last of them settles the hold that the others wait
 * for, and whoever books a batch can see that only within it.
 */
export function* correctionBatches<Correction extends { readonly callId: string; readonly attempt: number }>(
  corrections: readonly Correction[],
  size: number,
): Generator<readonly Correction[]> {
  const sorted = corrections.toSorted(
    (one, other) => compared(one.callId, other.callId) || one.attempt - other.attempt,
  );
  let batch: Correction[] = [];
  for (const correction of sorted) {
    if (batch.length >= size && batch.at(-1)?.callId !== correction.callId) {
      yield batch;
      batch = [];
    }
    batch.push(correction);
  }
  if (batch.length > 0) yield batch;
}

function compared(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
