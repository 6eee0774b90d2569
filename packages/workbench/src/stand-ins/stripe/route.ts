// What an operation of the stand-in is.

import type * as z from 'zod'
import type { World } from './world.ts'

export interface Asked<T> {
  world: World
  /** From the path. */
  id: string
  ask: T
  /** Of the request, without the query. */
  path: string
}

export interface StripeRoute {
  method: 'GET' | 'POST' | 'DELETE'
  /** `/v1/customers/{id}` */
  path: string
  shape: z.ZodType
  answer: (asked: Asked<never>) => object
}

/** An operation whose answer knows the shape of what is asked. */
export function route<T extends z.ZodType>(
  method: StripeRoute['method'],
  path: string,
  shape: T,
  answer: (asked: Asked<z.infer<T>>) => object,
): StripeRoute {
  return { method, path, shape, answer: answer as StripeRoute['answer'] }
}

interface Page {
  limit?: number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}

/** A page of a list, newest first. */
export function page<T extends { id: string }>(all: Iterable<T>, ask: Page, path: string) {
  const newest = [...all].reverse()
  const limit = Math.min(Math.max(ask.limit ?? 10, 1), 100)
  const after = newest.findIndex(({ id }) => id === ask.starting_after) + 1
  const before = newest.findIndex(({ id }) => id === ask.ending_before)
  const slice = before >= 0 ? newest.slice(Math.max(0, before - limit), before) : newest.slice(after, after + limit)
  const more = before >= 0 ? before > limit : after + limit < newest.length
  return { object: 'list', data: slice, has_more: more, url: path }
}
