import { type Log, textOf } from './log.ts'

/** Has something done each hour, one after the other. Answers how to end that, which waits for what is being done. */
export function hourly(what: string, log: Log, work: () => Promise<unknown>): () => Promise<void> {
  const run = () =>
    work().then(
      () => {},
      error => log('error', `${what}.failed`, { error: textOf(error) }),
    )
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running.then(run)
  }, 3_600_000)
  return async () => {
    clearInterval(timer)
    await running
  }
}
