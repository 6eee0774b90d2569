// Values by a JSON schema: what fits it, and what somebody who means harm or made a mistake sends instead.

import fc from 'fast-check'

export type Schema = Record<string, unknown>

/** Values to be met now and then, by the name of the property that they fit: ids of things that exist, and the like. */
export type Values = Record<string, readonly unknown[]>

/** What fits the schema, its edges included. */
export function fitting(schema: Schema, values: Values = {}): fc.Arbitrary<unknown> {
  const { const: only, enum: choices, anyOf, oneOf, allOf, type } = schema
  if ('const' in schema) return fc.constant(only)
  if (Array.isArray(choices)) return fc.constantFrom(...choices)
  const any = (anyOf ?? oneOf) as Schema[] | undefined
  if (any) return fc.oneof(...any.map(one => fitting(one, values)))
  if (Array.isArray(allOf)) return fitting(Object.assign({}, ...allOf), values)
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
      if (Array.isArray(schema.prefixItems)) return fc.tuple(...schema.prefixItems.map(one => fitting(one, values)))
      return fc.array(fitting((schema.items ?? {}) as Schema, values), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 4), 10),
      })
    case 'object':
      return object(schema, values)
    default:
      return fc.jsonValue()
  }
}

function text({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<unknown> {
  // Whoever is sent an address may ask it: nothing there, and not somewhere out in the world.
  if (format === 'uri') return fc.webPath().map(path => `http://127.0.0.1:9${path}`)
  // Names without control characters: classes of Unicode are more than fast-check makes up from a pattern.
  if (typeof pattern === 'string')
    return fc.stringMatching(/\\p\{/.test(pattern) ? /^[!-~]{1,40}$/ : new RegExp(pattern))
  if (format === 'email') return fc.emailAddress()
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map(date => date.toISOString())
  return fc.string({ unit: 'grapheme', minLength: Number(minLength), maxLength: Number(maxLength) })
}

function number({ type, minimum = -1e9, maximum = 1e9 }: Schema): fc.Arbitrary<unknown> {
  const bounds = { min: Number(minimum), max: Math.min(Number(maximum), Number.MAX_SAFE_INTEGER) }
  if (type === 'integer') return fc.oneof(fc.integer(bounds), fc.constantFrom(bounds.min, bounds.max))
  return fc.double({ ...bounds, noNaN: true })
}

function object(
  { properties, required = [], additionalProperties: more }: Schema,
  values: Values,
): fc.Arbitrary<unknown> {
  if (!properties && typeof more === 'object')
    return fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}$/), fitting(more as Schema, values), { maxKeys: 4 })
  const shapes = Object.entries((properties ?? {}) as Record<string, Schema>).map(([name, one]) => {
    const [some, known] = [fitting(one, values), values[name]]
    return [name, known?.length ? fc.oneof(some, { weight: 3, arbitrary: fc.constantFrom(...known) }) : some]
  })
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
export function bodyText(schema: Schema | undefined, values: Values = {}): fc.Arbitrary<string | Buffer | null> {
  const good = schema ? fitting(schema, values) : fc.constant({})
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
    { weight: 1, arbitrary: fc.constant(`{"name":"${'x'.repeat(1_100_000)}"}`) },
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
