// Values by a JSON schema: what fits it, and what somebody who means harm or made a mistake sends instead.

import fc from 'fast-check'

export type Schema = Record<string, unknown>

/** What fits the schema, its edges included. */
export function fitting(schema: Schema): fc.Arbitrary<unknown> {
  const { const: only, enum: choices, anyOf, oneOf, allOf, type } = schema
  if ('const' in schema) return fc.constant(only)
  if (Array.isArray(choices)) return fc.constantFrom(...choices)
  const any = (anyOf ?? oneOf) as Schema[] | undefined
  if (any) return fc.oneof(...any.map(fitting))
  if (Array.isArray(allOf)) return fitting(Object.assign({}, ...allOf))
  switch (type) {
    case 'string':
      return text(schema)
    case 'integer':
    case 'number':
      return number(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(fitting((schema.items ?? {}) as Schema), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 4), 10),
      })
    case 'object':
      return object(schema)
    default:
      return fc.jsonValue()
  }
}

function text({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<unknown> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  if (format === 'email') return fc.emailAddress()
  if (format === 'uri') return fc.webUrl()
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map(date => date.toISOString())
  return fc.string({ unit: 'grapheme', minLength: Number(minLength), maxLength: Number(maxLength) })
}

function number({ type, minimum = -1e9, maximum = 1e9 }: Schema): fc.Arbitrary<unknown> {
  const bounds = { min: Number(minimum), max: Math.min(Number(maximum), Number.MAX_SAFE_INTEGER) }
  if (type === 'integer') return fc.oneof(fc.integer(bounds), fc.constantFrom(bounds.min, bounds.max))
  return fc.double({ ...bounds, noNaN: true })
}

function object({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const shapes = Object.entries(properties as Record<string, Schema>).map(([name, one]) => [name, fitting(one)])
  return fc.record(Object.fromEntries(shapes), { requiredKeys: required as never[] })
}

/** Texts that have broken something somewhere. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '0', '-1', 'null', 'undefined', 'true', 'NaN', '[object Object]', '__proto__', 'constructor'],
    ...['../../../../etc/passwd', '..\\..\\windows', '/etc/shadow', './.', '..', 'file:///etc/passwd'],
    ...["' OR 1=1 --", '"; DROP TABLE machine; --', '$1', '{{7*7}}', '%00', '%s%n', '\\', '`id`', '$(id)'],
    ...[
      '\u0000',
      'a\u0000b',
      '\ud800',
      '\udfff\ud800',
      '\u202e',
      '\ufeff',
      'ﷺ'.repeat(50),
      '👩‍👩‍👧‍👦',
      'é'.normalize('NFD'),
    ],
    ...['<script>', 'a\r\nset-cookie: x=1', '\u001b[2J', '1e999', '9'.repeat(400), '0x10', '2026-13-45T99:99:99Z'],
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.nat(200_000).map(length => 'a'.repeat(length)),
)

/** What does not fit, most likely. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(null, true, false, 0, -1, 0.1, 1e308, -1e308, 2 ** 53, 1e21, {}, [], [[]], [null], {
    a: 1,
  }),
  nastyText,
  fc.jsonValue(),
)

/** A body as it goes over the wire. */
export function bodyText(schema: Schema | undefined): fc.Arbitrary<string | Buffer | null> {
  const good = schema ? fitting(schema) : fc.constant({})
  const json = (value: unknown) => JSON.stringify(value) ?? 'null'
  return fc.oneof(
    { weight: 6, arbitrary: good.map(json) },
    {
      weight: 6,
      arbitrary: fc.tuple(good, fc.nat(9), nasty).map(([value, at, wrong]) => json(spoilt(value, at, wrong))),
    },
    { weight: 2, arbitrary: nasty.map(json) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(good, fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([value, part]) => cut(json(value), part)),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom<(string | Buffer | null)[]>(
        null,
        '',
        '{',
        'null',
        '{"__proto__":{"polluted":true}}',
        '{"constructor":{"prototype":{"polluted":true}}}',
        '{"name":"a","name":"b"}',
        '['.repeat(20_000),
        `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
        '\ufeff{}',
        'name=a&scopes=b',
        Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
        Buffer.from('{"name":"é"}', 'utf16le'),
      ),
    },
    { weight: 0.05 * 20, arbitrary: fc.constant(`{"name":"${'x'.repeat(1_100_000)}"}`) },
  )
}

/** One property is another thing, missing, or too much. */
function spoilt(value: unknown, at: number, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong
  const names = [...Object.keys(value), 'extra']
  const name = names[at % names.length] as string
  if (at > 7) return Object.fromEntries(Object.entries(value).filter(([one]) => one !== name))
  return { ...value, [name]: wrong }
}

const cut = (text: string, part: number) => text.slice(0, Math.floor(text.length * part))
