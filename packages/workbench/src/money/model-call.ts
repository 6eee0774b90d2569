// For tests, as a program too: one call of a model on Spoq credit, on a database of its own, that is struck at one of its places.

import { openDatabase } from '@spoq/server/db/open'
import { openBatch } from '@spoq/server/ledger/batch'
import { sendPosts } from '@spoq/server/ledger/store'
import type { ModelCreditPorts } from '@spoq/server/model-credit/ports'
import { relay } from '@spoq/server/model-credit/relay'
import { type Place, places } from '../crash/places.ts'
import { watchDialect } from '../crash/watch-database.ts'

export const model = 'claude-sonnet-5'
export const tokenKey = 'a key for tokens'
const question = { model, max_tokens: 1_000, stream: true, messages: [{ role: 'user', content: [text('What?')] }] }
function text(said: string) {
  return { type: 'text', text: said }
}

/** Asks as a Conductor does, reads all of the answer, and waits until it is paid. Answers the status. */
export async function callModel(ports: ModelCreditPorts, token: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': token }
  const init = { method: 'POST', body: JSON.stringify(question), headers }
  const works: Promise<void>[] = []
  const answer = await relay(ports, new Request('https://spoq.test/model/anthropic/messages', init), work => {
    works.push(work)
  })
  await answer?.text()
  await Promise.all(works)
  return answer?.status ?? 0
}

/** What the program is told. */
export interface Told {
  dataDir: string
  url: string | null
  vendor: { key: string; url: string }
  token: string
  now: number
  killAt: Place
}

async function program({ dataDir, url, vendor, token, now: time, killAt }: Told): Promise<void> {
  const all = places(() => process.kill(process.pid, 'SIGKILL'))
  const { db } = await openDatabase({ dataDir, url, wrap: dialect => watchDialect(dialect, all) })
  const now = () => time
  const ledger = { db, now, batch: openBatch(posts => sendPosts(db, posts, now())) }
  all.arm(killAt)
  const asking: typeof fetch = (...asked) => all.around('fetch', () => fetch(...asked))
  const keys = new Map([['anthropic', vendor]] as const)
  const ports = { db, ledger, tokenKey, keys, baseUrl: 'https://spoq.test', fetch: asking, now, log: () => {} }
  await callModel(ports, token)
  // Nothing has killed it: the test sees that by its exit.
  process.exit()
}

if (process.argv[1] === import.meta.filename) await program(JSON.parse(process.argv[2] ?? ''))
