// Requests to an operation: some right, most wrong in one or several places.

import fc from 'fast-check'
import type { Operation } from '../access/operations.ts'
import { bodyText, fitting, nastyText, type Values } from './values.ts'

export interface FuzzedRequest {
  operation: string
  method: string
  /** As it goes over the wire. */
  path: string
  /** Name, value, name, value: names may come twice. */
  headers: string[]
  body: string | Buffer | null
}

/** What the generator may name: things that exist, and ways to be somebody. */
export interface Known {
  /** Ids by the parameter that they fit: one's own and somebody else's. Those at the same place belong together. */
  ids: Record<string, string[]>
  /** What fits a property of a body, by its name. */
  values?: Values
  /** Headers that sign in. */
  credentials: Record<string, string>[]
}

/** A request to any of the operations. */
export function requests(operations: Operation[], known: Known): fc.Arbitrary<FuzzedRequest> {
  return fc.oneof(...operations.map(operation => requestTo(operation, known)))
}

function requestTo(operation: Operation, known: Known): fc.Arbitrary<FuzzedRequest> {
  return fc.record({
    operation: fc.constant(operation.name),
    method: fc.oneof(
      { weight: 19, arbitrary: fc.constant(operation.method.toUpperCase()) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS') },
    ),
    path: pathTo(operation, known),
    headers: headersTo(operation, known),
    body: operation.method === 'get' ? fc.constant(null) : bodyText(operation.body, known.values),
  })
}

function pathTo({ path, parameters }: Operation, { ids }: Known): fc.Arbitrary<string> {
  const inPath = parameters.filter(one => one.in === 'path')
  const values = inPath.map(({ name, schema }) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...(ids[name] ?? ['none'])) },
      { weight: 2, arbitrary: fitting(schema).map(value => encode(String(value))) },
      { weight: 3, arbitrary: nastyText.map(text => encode(text.slice(0, 2_000))) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '%',
          '%zz',
          '%ff%fe',
          '%00',
          '..%2f..%2f',
          '%2e%2e',
          '%252e',
          '.',
          '..',
          '*',
          '{machine}',
          ':machine',
        ),
      },
    ),
  )
  const together = fc.nat(99).map(at => inPath.map(({ name }) => ids[name]?.[at % ids[name].length] ?? 'none'))
  return fc
    .tuple(fc.oneof(together, fc.tuple(...values)), queryTo(parameters))
    .map(([filled, query]) => path.replace(/\{\w+\}/g, () => filled.shift() ?? '') + query)
}

function queryTo(parameters: Operation['parameters']): fc.Arbitrary<string> {
  const inQuery = parameters.filter(one => one.in === 'query')
  const pair = fc.oneof(
    ...inQuery.map(({ name, schema }) =>
      fc.oneof(fitting(schema).map(String), nastyText).map(value => `${name}=${encode(value.slice(0, 2_000))}`),
    ),
    fc.constantFrom('__proto__=1', 'a[b]=c', '%=%', '&&', '=', 'all=true&all=false'),
  )
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: fc.array(pair, { minLength: 1, maxLength: 3 }).map(pairs => `?${pairs.join('&')}`) },
  )
}

function headersTo({ parameters }: Operation, { credentials }: Known): fc.Arbitrary<string[]> {
  const fromSchema = parameters
    .filter(one => one.in === 'header')
    .map(({ name, schema }) =>
      fc.option(
        fc.oneof(fitting(schema).map(String), nastyText).map(value => [name, printable(value)]),
        { nil: [] },
      ),
    )
  const signedIn = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...credentials).map(headers => Object.entries(headers).flat()) },
    { weight: 2, arbitrary: fc.constant([] as string[]) },
    {
      weight: 2,
      arbitrary: nastyText.chain(text =>
        fc.constantFrom(
          ['authorization', `Bearer ${printable(text)}`],
          ['authorization', printable(text)],
          ['authorization', `Bearer spoq_pat_${printable(text)}`],
          ['authorization', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', 'authorization', 'Basic YTpi'],
          ['cookie', `spoq_session=${printable(text)}`],
        ),
      ),
    },
  )
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant(['content-type', 'application/json']) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        [],
        ['content-type', 'text/plain'],
        ['content-type', 'application/json; charset=utf-16'],
        ['content-type', 'application/x-www-form-urlencoded'],
        ['content-type', 'multipart/form-data'],
        ['content-type', 'application/json', 'content-type', 'text/plain'],
        ['content-type', ''],
      ),
    },
  )
  const odd = fc.oneof(
    { weight: 12, arbitrary: fc.constant([] as string[]) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ['x-spoq-peer', '10.0.0.1'],
        ['x-forwarded-for', '10.0.0.1', 'x-forwarded-for', '::1'],
        ['origin', 'https://evil.example'],
        ['origin', 'null', 'origin', 'null'],
        ['x-request-id', 'a', 'x-request-id', 'b'],
        ['accept', 'text/html'],
        ['accept', printable('\u00e9'.repeat(50))],
        ['idempotency-key', 'twice-the-same-key', 'idempotency-key', 'another-key-here'],
        ['x-http-method-override', 'DELETE'],
        ['cookie', 'a=b; '.repeat(500)],
      ),
    },
  )
  return fc.tuple(signedIn, type, odd, ...fromSchema).map(parts => parts.flat())
}

/** A lone half of a pair cannot be encoded as UTF-8. */
const encode = (text: string) => encodeURIComponent(text.toWellFormed())

/** What a client can put into a header at all. */
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 4_000)
