import fc from 'fast-check';

/**
 * JSON of the shape of an example, in which some values are something else
 * altogether: what a client or a provider sends that has a fault of its own.
 */
export function oddJson(example: unknown): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, '', 0, -1, 1e21, [], {}, [null], true));
  return fc.oneof({ weight: 60, arbitrary: shaped(example) }, { weight: 1, arbitrary: odd });
}

function shaped(example: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(example)) return fc.tuple(...example.map(oddJson)).chain((each) => fc.shuffledSubarray(each));
  if (typeof example !== 'object' || example === null) return fc.constant(example);
  const members = Object.fromEntries(Object.entries(example).map(([name, value]) => [name, oddJson(value)]));
  return fc.oneof(
    { weight: 20, arbitrary: fc.record(members) },
    { weight: 1, arbitrary: fc.record(members, { requiredKeys: [] }) },
  );
}
