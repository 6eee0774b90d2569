// Runs somebody else's regular expression. One such as (a+)+$ can take longer than the age of the universe and cannot
// be interrupted where it runs, so it runs in a thread of its own, and the thread is ended when the time is over.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { FileRefused } from './inside.ts'

export interface Matcher extends AsyncDisposable {
  /** The indices of the texts that match, the first `most` of them. Throws what ended `signal` when that ends first. */
  match(texts: readonly string[], most: number): Promise<number[]>
}

const longestPattern = 1000

/**
 * Compiles a pattern and answers a matcher for it.
 * @throws FileRefused when it is not a valid regular expression, or too long.
 */
export function startMatcher(pattern: string, signal: AbortSignal): Matcher {
  assertValid(pattern)
  const worker = new Worker(program, { eval: true, workerData: pattern, env: {}, execArgv: [] })
  return {
    async match(texts, most) {
      signal.throwIfAborted()
      worker.postMessage({ texts, most })
      const [indices] = await once(worker, 'message', { signal })
      return indices as number[]
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}

function assertValid(pattern: string): void {
  if (pattern.length > longestPattern)
    throw new FileRefused(`the pattern has more than ${longestPattern} characters: give a shorter one`)
  try {
    new RegExp(pattern)
  } catch (error) {
    throw new FileRefused(`the pattern is not a regular expression: ${(error as Error).message}`)
  }
}

// As text and not as a file: what ships is one bundle.
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const pattern = new RegExp(workerData)
parentPort.on('message', ({ texts, most }) => {
  const found = []
  for (let index = 0; index < texts.length && found.length < most; index++)
    if (pattern.test(texts[index])) found.push(index)
  parentPort.postMessage(found)
})
`
