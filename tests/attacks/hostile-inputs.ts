/** Repetition, which is what attacks are made of. */
export const many = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => item(at))

export const record = <T>(
  count: number,
  key: (index: number) => string,
  value: (index: number) => T,
): Record<string, T> => Object.fromEntries(many(count, (at) => [key(at), value(at)]))

/** An input as superjson writes it, with these annotations. */
const written = (json: unknown, values: unknown): string => JSON.stringify({ json, meta: { values } })

const typedArrays = (count: number) =>
  written(
    { a: many(count, () => 2 ** 27) },
    record(
      count,
      (at) => `a.${at}`,
      () => [['typed-array', 'Float64Array']],
    ),
  )

/** Inputs, as JSON text, whose annotations are not what any client writes. None may be accepted. */
export const HOSTILE_INPUTS: Record<string, () => string> = {
  'typed arrays, in 5 KB': () => typedArrays(100),
  'typed arrays, in 57 KB': () => typedArrays(1_100),
  'a text in place of a tree': () => written({ name: 'x' }, 'a'),
  'a long text in place of a tree': () => written({ name: 'x' }, 'a'.repeat(12_000)),
  'numbers in place of trees': () => written({ a: 1 }, { a: 5, b: [5, 5], c: [[]] }),
  'deep trees': () => `{"json":1,"meta":{"values":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}}`,
  'many dates': () =>
    written(
      { a: many(1_500, () => '2026-01-01T00:00:00.000Z') },
      record(
        1_500,
        (at) => `a.${at}`,
        () => ['Date'],
      ),
    ),
  'long paths': () => written({ a: 1 }, { [many(20_000, () => 'a').join('.')]: ['Date'] }),
  'sets, maps, errors and classes': () =>
    written(
      { a: many(600, () => []) },
      record(
        600,
        (at) => `a.${at}`,
        (at) => [['set'], ['map'], ['Error'], [['class', 'Room']], [['custom', 'x']], ['regexp']][at % 6],
      ),
    ),
  'equalities of everything': () =>
    JSON.stringify({
      json: { a: [] },
      meta: {
        referentialEqualities: record(
          500,
          (at) => `a.${at}`,
          () => many(20, (at) => `a.${at}`),
        ),
      },
    }),
}
