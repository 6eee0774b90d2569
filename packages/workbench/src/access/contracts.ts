// All routes there are, read from the contracts, so that none can be forgotten in a list.

import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Route } from '@spoq/contracts/http'

const folder = resolve(import.meta.dirname, '../../../contracts/src')

/** Every route of every noun by its name. */
export async function allRoutes(): Promise<Record<string, Route>> {
  const nouns = await Promise.all(readdirSync(folder).map(noun => import(join(folder, noun, 'index.ts'))))
  const values = nouns.flatMap(noun => Object.entries(noun))
  return Object.fromEntries(values.filter((entry): entry is [string, Route] => isRoute(entry[1])))
}

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'caller' in value && 'method' in value && 'path' in value
