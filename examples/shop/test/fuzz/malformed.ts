import fc from 'fast-check'

/** Texts that programs trip over. */
export const oddTexts: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '\u0000',
  '\ud800',
  '\u202e\ufeff',
  "' or 1=1; drop table orders; --",
  '../../../../etc/passwd',
  '__proto__',
  '${jndi:ldap://127.0.0.1/x}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '9'.repeat(400),
  'x'.repeat(10_000),
  'null',
  '1e999',
)

const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  oddTexts,
  fc.constantFrom<unknown>(null, true, -1, 0, 1e308, -(2 ** 53), 0.1, [], {}, [[[]]], { $ref: '#' }, { toString: 'no' }, { length: 1e9 }),
  fc.jsonValue(),
)

/** A value with something wrong in it, at a place by chance. */
export function damaged(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value) && value.length > 0) {
    const at = fc.nat(value.length - 1).chain((index) => damaged(value[index]).map((bad) => value.with(index, bad)))
    return fc.oneof(at, oddValues)
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return oddValues
  const name = fc.constantFrom(...Object.keys(value))
  return fc.oneof(
    { weight: 4, arbitrary: name.chain((key) => damaged((value as Record<string, unknown>)[key]).map((bad) => ({ ...value, [key]: bad }))) },
    { weight: 1, arbitrary: name.map((key) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))) },
    { weight: 1, arbitrary: oddTexts.chain((key) => oddValues.map((extra) => ({ ...value, [key]: extra }))) },
    { weight: 1, arbitrary: oddValues },
  )
}

/** Bodies that are not even JSON, or hardly. */
export const oddBodies: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .constantFrom(
      '',
      '{',
      '{"a":',
      '"',
      'nul',
      'NaN',
      '{"a":1,"a":2}',
      '{"__proto__":{"roles":["staff"]}}',
      '{"constructor":{"prototype":{}}}',
      '[]]',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      `{"a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
      `"\\ud800"`,
      `{"a":1e400}`,
      '\ufeff{}',
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.alloc(1_500_000, ' ')),
)
