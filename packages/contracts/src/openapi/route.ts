import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** A machine says itself what it serves, to whoever may look at it. */
export const showOpenApi = route({
  method: 'get',
  path: '/openapi.json',
  summary: 'Shows what this Conductor serves, as an OpenAPI 3.1 document.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: z.looseObject({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.unknown()) }),
  errors: [],
})
