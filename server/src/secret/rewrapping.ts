import type { Database } from '../db/open.ts'
import { type Log, textOf } from '../log.ts'
import { rewrap } from './rewrap.ts'
import type { SecretDeps } from './secret.ts'

const everyMs = 3_600_000

/**
 * Wraps anew what is under an older key, each hour, in one backend at a time: a rotation in Vault, or one that was cut off,
 * is carried through by itself. Answers how to end that, which waits for the row it is at.
 */
export function rewrapping(
  database: Pick<Database, 'unlessLocked'>,
  deps: SecretDeps & { log: Log },
): () => Promise<void> {
  const { log } = deps
  const work = async () => {
    const { version, rewrapped, broken } = await rewrap(deps)
    if (rewrapped > 0) log('info', 'secret.rewrapped', { version, rewrapped, broken: broken.length })
  }
  const run = () =>
    database.unlessLocked('rewrap', work).then(
      () => {},
      error => log('error', 'secret.rewrap-failed', { error: textOf(error) }),
    )
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running.then(run)
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
