import { type Log, textOf } from './log.ts'

/** What is done again and again. */
export interface Repeated {
  /** Has it done soon; while it is being done, once more after that. */
  wake(): void
  /** Ends after what is being done. */
  stop(): Promise<void>
}

interface Options {
  /** What a failure is logged as: `NAME.failed`. */
  name: string
  everyMs: number
  log: Log
}

/**
 * Has something done after each `everyMs`, and never twice at a time. What fails is logged, and done again next time. It is
 * told whether it is to come to its end.
 */
export function repeat({ name, everyMs, log }: Options, work: (isOver: () => boolean) => Promise<unknown>): Repeated {
  let isOver = false
  let again = false
  let doing: Promise<void> | null = null

  async function doAll(): Promise<void> {
    while (again && !isOver) {
      again = false
      await work(() => isOver).catch(error => log('error', `${name}.failed`, { error: textOf(error) }))
    }
  }

  function wake(): void {
    again = true
    doing ??= doAll().finally(() => {
      doing = null
    })
  }

  const timer = setInterval(wake, everyMs)
  return {
    wake,
    async stop() {
      isOver = true
      clearInterval(timer)
      await doing
    },
  }
}

/** The same each hour, for what nobody has to wake. Answers how to end it. */
export function hourly(name: string, log: Log, work: () => Promise<unknown>): () => Promise<void> {
  return repeat({ name, everyMs: 3_600_000, log }, work).stop
}
