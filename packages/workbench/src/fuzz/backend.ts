// The backend as a target: two people with a thing of each kind.

import { tokenScopes } from '@spoq/contracts/token'
import { operationsOf } from '../access/operations.ts'
import { newPublicKey, startWorld, type World } from '../access/world.ts'
import type { Known } from './request.ts'
import type { Target } from './target.ts'

/** The clock leaps so far at each request, so that what is asked is not refused for its number. */
const leapMs = 120

/** A backend with a clock that leaps. */
export async function backendTarget(): Promise<{ target: Target; world: World }> {
  const logged: string[] = []
  let leapt = 0
  const log = (level: string, event: string, fields?: object) => {
    if (level === 'error') logged.push(JSON.stringify({ event, ...fields }))
  }
  const world = await startWorld(log, () => Date.now() + leapt)
  const owner = await world.register('olivia')
  const other = await world.register('mallory')
  const known: Known = {
    ids: {},
    credentials: [
      owner.headers,
      { authorization: `Bearer ${await owner.token(tokenScopes)}` },
      { authorization: `Bearer ${await other.token(tokenScopes)}` },
      other.headers,
    ],
  }
  const operations = operationsOf(await (await fetch(`${world.url}/openapi.json`)).json())
  const [hers, his] = [{ machine: await owner.make('machine') }, { machine: await other.make('machine') }]
  for (const name of new Set(operations.flatMap(({ params }) => params)))
    known.ids[name] = [await owner.make(name, hers), await owner.make(name, hers), await other.make(name, his)]
  const { machine = [], profile = [] } = known.ids
  known.values = { machine, profile, key: [newPublicKey(), newPublicKey()], name: ['work', 'a laptop'] }
  const step = () => {
    leapt += leapMs
  }
  return { target: { url: world.url, operations, known: async () => known, step, logged }, world }
}
