// Group commit: what is to be posted while one call is under way goes along with the next one.

import { SpoqError } from '@spoq/contracts/problem'
import type { PostAnswer, PostBody } from './store.ts'

export interface Batch {
  /**
   * Posts one along with others that wait. It is stored once this answers.
   * @throws SpoqError `unavailable` when it is not known whether it is stored: the same key again tells.
   */
  send(post: PostBody): Promise<PostAnswer>
  /** Ends once all that was given is posted; nothing is taken any more. */
  stop(): Promise<void>
}

interface Waiting {
  post: PostBody
  resolve: (answer: PostAnswer) => void
  reject: (error: unknown) => void
}

/** `sendAll` posts several at once, each judged by itself. */
export function openBatch(sendAll: (posts: PostBody[]) => Promise<PostAnswer[]>, most = 500): Batch {
  let waiting: Waiting[] = []
  let working: Promise<void> | null = null
  let isOver = false

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      // Whoever was answered just now may have more: they come along.
      await new Promise(setImmediate)
      const { now, later } = parted(waiting, most)
      waiting = later
      await sendTogether(sendAll, now)
    }
    // In the same breath as the look above: whoever comes a moment later would wait for nobody.
    working = null
  }

  return {
    send: post =>
      new Promise((resolve, reject) => {
        if (isOver) return reject(new SpoqError('unavailable'))
        waiting.push({ post, resolve, reject })
        working ??= work()
      }),
    async stop() {
      isOver = true
      await working
    },
  }
}

/** Two with one key go one after the other: the second is answered by what the first has stored. */
function parted(waiting: readonly Waiting[], most: number): { now: Waiting[]; later: Waiting[] } {
  const keys = new Set<string>()
  const now: Waiting[] = []
  const later: Waiting[] = []
  for (const one of waiting) {
    const waits = now.length === most || keys.has(one.post.key)
    keys.add(one.post.key)
    ;(waits ? later : now).push(one)
  }
  return { now, later }
}

async function sendTogether(sendAll: (posts: PostBody[]) => Promise<PostAnswer[]>, all: Waiting[]): Promise<void> {
  try {
    const answers = await sendAll(all.map(({ post }) => post))
    for (const [at, { resolve, reject }] of all.entries()) {
      const answer = answers[at]
      if (answer) resolve(answer)
      else reject(new Error('the ledger answered less than it was asked'))
    }
  } catch (error) {
    // What the database cannot read fails the whole call: alone it fails nobody else.
    if (all.length > 1 && !(error instanceof SpoqError)) for (const one of all) await sendTogether(sendAll, [one])
    else for (const { reject } of all) reject(error)
  }
}
