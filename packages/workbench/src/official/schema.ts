// OpenAPI's schemas (3.0, 3.1) as JSON Schema 2020-12 with every object closed. Closing is `unevaluatedProperties`, which
// sees through allOf, oneOf and anyOf; the members of those stay open, since each knows only its part.

export type Json = { [key: string]: unknown }

export interface Converter {
  /** A schema for validation; what it refers to is given to `define`, once each. */
  root(schema: Json): Json
  /** A query's text as the value that its schema means. */
  fromText(schema: Json, text: string): unknown
}

const compositions = ['allOf', 'oneOf', 'anyOf']
/** Of documents, not of validation; and what 3.0 says in another way. */
const left = ['nullable', 'example', 'examples', 'discriminator', 'xml', 'externalDocs', 'deprecated', 'description']

export function converter(document: Json, define: (id: string, schema: Json) => void): Converter {
  const defined = new Set<string>()
  const refer = (pointer: string, closed: boolean): string => {
    const id = `${closed ? 'closed' : 'open'}:${encodeURIComponent(pointer)}`
    if (defined.has(id)) return id
    defined.add(id)
    define(id, convert(at(document, pointer) as Json, closed, refer))
    return id
  }
  const root = (schema: Json): Json => convert(schema, true, refer)
  const resolved = (schema: Json): Json =>
    typeof schema.$ref === 'string' ? resolved(at(document, schema.$ref) as Json) : schema
  return { root, fromText: (schema, text) => textAs(resolved(schema), text) }
}

type Refer = (pointer: string, closed: boolean) => string

function convert(schema: Json, closed: boolean, refer: Refer): Json {
  if (typeof schema !== 'object' || schema === null) return schema
  if (typeof schema.$ref === 'string') return { $ref: refer(schema.$ref, closed) }
  const out: Json = {}
  for (const [key, value] of Object.entries(schema)) if (!left.includes(key)) out[key] = part(key, value, refer)
  olderLimits(out)
  if (closed && isObject(schema) && schema.additionalProperties === undefined) out.unevaluatedProperties = false
  if (schema.nullable !== true) return out
  if (Array.isArray(out.enum) && !out.enum.includes(null)) out.enum = [...out.enum, null]
  return { anyOf: [out, { type: 'null' }] }
}

function part(key: string, value: unknown, refer: Refer): unknown {
  if (key === 'properties' || key === 'patternProperties')
    return Object.fromEntries(
      Object.entries(value as Json).map(([name, one]) => [name, convert(one as Json, true, refer)]),
    )
  if (compositions.includes(key)) return (value as Json[]).map(one => convert(one, false, refer))
  if (key === 'items' || key === 'additionalProperties' || key === 'not')
    return convert(value as Json, key !== 'not', refer)
  return value
}

/** 3.0 says `exclusiveMinimum: true` beside the minimum. */
function olderLimits(out: Json): void {
  for (const [flag, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof out[flag] !== 'boolean') continue
    if (out[flag]) out[flag] = out[limit]
    else delete out[flag]
    if (typeof out[flag] === 'number') delete out[limit]
  }
}

function isObject(schema: Json): boolean {
  if (schema.properties !== undefined) return true
  return compositions.some(key => Array.isArray(schema[key]))
}

function textAs(schema: Json, text: string): unknown {
  if (schema.type === 'integer' || schema.type === 'number') return text === '' ? text : Number(text)
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return schema.type === 'array' ? text.split(',') : text
}

/** What `#/a/b` points to. */
export function at(document: Json, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (value as Json | undefined)?.[part], document)
}
